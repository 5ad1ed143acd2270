/** The tables on disk. Every revision is one row of `history`; `current` points at the newest one of each key. */
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Batch } from './batch.ts';
import type { LoadedChunk, Retention, StoredRevision } from './protocol.ts';

const FORMAT = 1;

// `previous` chains the revisions of a key, so that reading one key's history needs no index of its own.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS history (
    revision INTEGER PRIMARY KEY,
    previous INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS current (
    key TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    deleted INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

// One pass of compaction looks at this many revisions, so that commits never wait long for it.
const COMPACTION_STEP = 2000;

// So many objects are loaded at once. SQLite refuses values above a gigabyte, and these are joined to one.
const ENTRIES_PER_CHUNK = 128;

// Joined by SQLite: a row of its own for each object, its value copied twice more, took half as long again.
const NEXT_CHUNK = `
  SELECT
    max(key) AS last,
    json_group_array(key) AS keys,
    json_group_array(revision) AS revisions,
    json_group_array(length(value)) AS lengths,
    json_group_array(checksum) AS checksums,
    CAST(group_concat(value, '') AS BLOB) AS all_values
  FROM (
    SELECT c.key, c.revision, h.value, h.checksum
    FROM current c JOIN history h ON h.revision = c.revision
    WHERE c.deleted = 0 AND c.key > ? ORDER BY c.key LIMIT ${ENTRIES_PER_CHUNK}
  )`;
// Reading through the page cache of the system spares a call and a copy for each page.
const MAPPED_BYTES = 2 ** 40;

export class Database {
  readonly #db: DatabaseSync;
  readonly #retention: Retention;
  readonly #insertHistory: StatementSync;
  readonly #upsertCurrent: StatementSync;
  readonly #selectRevision: StatementSync;
  #compactedTo = 0;

  constructor(path: string, retention: Retention) {
    this.#db = new DatabaseSync(path);
    this.#retention = retention;
    this.#db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000',
    );
    this.#migrate(path);
    this.#insertHistory = this.#db.prepare(
      'INSERT INTO history VALUES (?1, coalesce((SELECT revision FROM current WHERE key = ?4), 0), ?2, ?3, ?4, ?5, ?6)',
    );
    this.#upsertCurrent = this.#db.prepare(
      'INSERT INTO current VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted',
    );
    this.#selectRevision = this.#db.prepare(
      'SELECT revision, previous, at_ms, deleted, value, checksum FROM history WHERE revision = ?',
    );
  }

  #migrate(path: string): void {
    const found = Number(this.#db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found > FORMAT)
      throw new Error(`Cannot open "${path}": its format is ${found}, expected at most ${FORMAT}; use a newer Tutti`);
    this.#db.exec(`${SCHEMA} PRAGMA user_version = ${FORMAT}`);
  }

  revision(): number {
    return Number(this.#db.prepare('SELECT coalesce(max(revision), 0) AS newest FROM history').get()?.['newest']);
  }

  /** Every current object as JSON. */
  *current(): Generator<LoadedChunk, void> {
    const next = this.#db.prepare(NEXT_CHUNK);
    this.#db.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
    let row = next.get('');
    while (row !== undefined && row['last'] !== null) {
      yield checkedChunk(row);
      row = next.get(row['last'] as string);
    }
    this.#db.exec('PRAGMA mmap_size = 0');
  }

  commit({ rows, values }: Batch): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      let start = 0;
      for (const { revision, type, key, atMs, end } of rows) {
        const value = values.subarray(start, end);
        const deleted = type === 'delete' ? 1 : 0;
        this.#insertHistory.run(revision, atMs, deleted, key, value, crc32(value));
        this.#upsertCurrent.run(key, revision, deleted);
        start = end;
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      // Some failures (a full disk among them) have already rolled back; a second ROLLBACK would hide the cause.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Revisions of `key` that are still kept, oldest first. */
  history(key: string): readonly StoredRevision[] {
    const found: StoredRevision[] = [];
    let next = Number(this.#db.prepare('SELECT revision FROM current WHERE key = ?').get(key)?.['revision'] ?? 0);
    while (next !== 0) {
      const row = this.#selectRevision.get(next);
      if (row === undefined) break; // compacted from here on
      found.push({
        revision: Number(row['revision']),
        atMs: Number(row['at_ms']),
        type: row['deleted'] === 1 ? 'delete' : 'put',
        value: Buffer.from(checkedValue(row)).toString(),
      });
      next = Number(row['previous']);
    }
    return found.toReversed();
  }

  /** Removes some history beyond the retention; returns whether more may be left to remove. */
  compact(nowMs: number): boolean {
    const oldest = Number(
      this.#db
        .prepare('SELECT coalesce(min(revision), 0) AS oldest FROM history WHERE revision > ?')
        .get(this.#compactedTo)?.['oldest'],
    );
    if (oldest === 0) return false;
    const surplus = Math.min(this.revision() - this.#retention.maxRevisions, oldest + COMPACTION_STEP);
    const step = Math.max(surplus, this.#agedTo(oldest, nowMs));
    if (step < oldest) return false;
    this.#db
      .prepare(
        `DELETE FROM history WHERE revision > ?1 AND revision <= ?2
           AND NOT EXISTS (SELECT 1 FROM current c WHERE c.key = history.key AND c.revision = history.revision AND c.deleted = 0)`,
      )
      .run(this.#compactedTo, step);
    this.#db.prepare('DELETE FROM current WHERE deleted = 1 AND revision <= ?').run(step);
    this.#compactedTo = step;
    return true;
  }

  /** The end of the next step by age: at most COMPACTION_STEP revisions from `oldest`, all older than the bound. */
  #agedTo(oldest: number, nowMs: number): number {
    const row = this.#db
      .prepare(
        'SELECT max(revision) AS last FROM (SELECT revision, at_ms FROM history WHERE revision >= ? ORDER BY revision LIMIT ?) WHERE at_ms < ?',
      )
      .get(oldest, COMPACTION_STEP, nowMs - this.#retention.maxAgeMs);
    return Number(row?.['last'] ?? 0);
  }

  close(): void {
    this.#db.close();
  }
}

function checkedValue(row: Record<string, SQLOutputValue>): Uint8Array {
  const value = row['value'] as Uint8Array;
  if (crc32(value) !== row['checksum']) throw damaged(Number(row['revision']));
  return value;
}

function checkedChunk(row: Record<string, SQLOutputValue>): LoadedChunk {
  const listed = <T>(column: string): readonly T[] => JSON.parse(String(row[column])) as readonly T[];
  const [revisions, checksums] = [listed<number>('revisions'), listed<number>('checksums')];
  const values = row['all_values'] as Uint8Array<ArrayBuffer>;
  let end = 0;
  const ends = listed<number>('lengths').map((length, index) => {
    const value = values.subarray(end, (end += length));
    if (crc32(value) !== checksums[index]) throw damaged(revisions[index]);
    return end;
  });
  return { keys: listed('keys'), ends, values };
}

function damaged(revision: number | undefined): Error {
  return new Error(`Cannot read revision ${String(revision)}: its checksum does not match, the file is damaged`);
}
