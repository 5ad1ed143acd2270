/** What the store of a stopped cluster keeps of one resource of one namespace: every change there was. */
import { DatabaseSync } from 'node:sqlite';
import { dataDir } from '#cli/data-dir';
import type { Change } from './ledger.ts';

export type StoredChange = Change & { readonly value: unknown };

export function readHistory(cluster: string, prefix: string): readonly StoredChange[] {
  const database = new DatabaseSync(dataDir(cluster).database, { readOnly: true });
  try {
    const rows = database
      .prepare('SELECT revision, deleted, key, value FROM history WHERE key >= ? AND key < ? ORDER BY revision')
      .all(prefix, `${prefix}\u{10ffff}`);
    return rows.map(({ revision, deleted, key, value }) => ({
      revision: Number(revision),
      name: String(key).slice(prefix.length),
      type: deleted === 1 ? 'delete' : 'put',
      value: JSON.parse(Buffer.from(value as Uint8Array).toString()),
    }));
  } finally {
    database.close();
  }
}
