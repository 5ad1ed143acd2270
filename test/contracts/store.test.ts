/** Runs the store's contract on every engine, and what only the durable one can show. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { systemWorld } from '#base/world';
import type { Row } from '#store/engine';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { Database } from '#store/sqlite/database';
import { packBatch } from '#store/sqlite/batch';
import type { Storable } from '#store/store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import { aThing, storeContract, type Thing } from './store.contract.ts';

const RETENTION = { maxAgeMs: 1000, maxRevisions: 10_000 };

async function temporaryDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'tutti-store-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

storeContract('memory', () =>
  Promise.resolve({ open: memoryEngine, durable: false, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

storeContract('sqlite', async () => {
  const directory = await temporaryDirectory();
  return {
    open: () => sqliteEngine({ path: join(directory.path, 'store.db') }),
    durable: true,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
});

test('[STO12] a process killed while it writes loses nothing that it acknowledged', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'store.db');
  const writer = fork(new URL('./store-writer.ts', import.meta.url), [path]);
  let acknowledged = -1;
  writer.on('message', (value) => {
    acknowledged = Number(value);
    if (acknowledged >= 200) writer.kill('SIGKILL');
  });
  await once(writer, 'exit');
  assert.ok(acknowledged >= 200);
  await using store = await openStore({ engine: sqliteEngine({ path }), world: systemWorld() });
  for (let value = 0; value <= acknowledged; value++) {
    assert.equal((store.get(`/g/things/${value}`) as Thing | undefined)?.value, value);
  }
});

test('[STO13] two processes cannot open one database', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'store.db');
  await using store = await openStore({ engine: sqliteEngine({ path }), world: systemWorld() });
  await store.write((tx) => tx.put('/g/things/a', aThing('a')));
  await assert.rejects(openStore({ engine: sqliteEngine({ path }), world: systemWorld() }), /locked/);
});

test('[STO14] history beyond its bounds is compacted, current objects stay', async () => {
  await using directory = await temporaryDirectory();
  const database = new Database(join(directory.path, 'store.db'), { maxAgeMs: 1000, maxRevisions: 1_000_000 });
  const row = (revision: number, type: 'put' | 'delete', key: string) => ({
    revision,
    type,
    key,
    atMs: revision,
    object: aThing(key, revision),
  });
  database.commit(
    packBatch([
      row(1, 'put', 'a'),
      row(2, 'put', 'a'),
      row(3, 'put', 'b'),
      row(4, 'delete', 'b'),
      row(5, 'put', 'c'),
      row(6, 'put', 'c'),
    ]),
  );
  while (database.compact(1006)) {
    // one step a call
  }
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => database.history(key).map(({ revision }) => revision)),
    [[2], [], [6]],
  );
  assert.deepEqual(
    [...database.current()].flatMap(({ keys }) => keys),
    ['a', 'c'],
  );
  database.close();
});

test('[STO15] a damaged row is refused, not served', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'store.db');
  const writer = new Database(path, RETENTION);
  writer.commit(packBatch([{ revision: 1, type: 'put', key: 'a', atMs: 1, object: aThing('a') }]));
  writer.close();
  const vandal = new DatabaseSync(path);
  vandal.exec(`UPDATE history SET value = CAST('{"metadata":{}}' AS BLOB)`);
  vandal.close();
  const reader = new Database(path, RETENTION);
  assert.throws(() => [...reader.current()], /checksum does not match/);
  reader.close();
});

test('[STO15] a start refuses a store whose last row is damaged, however much it has read by then', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'store.db');
  const writer = new Database(path, RETENTION);
  writer.commit(packBatch(manyRows(1000)));
  writer.close();
  const vandal = new DatabaseSync(path);
  vandal.exec(`UPDATE history SET checksum = checksum + 1 WHERE revision = 1000`);
  vandal.close();
  await assert.rejects(openStore({ engine: sqliteEngine({ path }), world: systemWorld() }), /revision 1000: .*damaged/);
});

test('[STO17] a start loads many objects, large ones and names beyond ASCII among them', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'store.db');
  const writer = new Database(path, RETENTION);
  const large = { revision: 1001, type: 'put', key: '/g/things/\u{10ffff}"', atMs: 1 } as const;
  const note = 'é'.repeat(500_000);
  writer.commit(packBatch([...manyRows(1000), { ...large, object: { ...aThing('large'), note } as Storable }]));
  writer.close();
  await using store = await openStore({ engine: sqliteEngine({ path }), world: systemWorld() });
  const values = store.list('/g/things/').items.map((thing) => (thing as Thing).value);
  assert.deepEqual(values, [...Array.from({ length: 1000 }, (_, index) => index + 1), 0]);
  assert.equal((store.get(large.key) as { readonly note?: string }).note, note);
});

function manyRows(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `thing-${String(index).padStart(6, '0')}`;
    return { revision: index + 1, type: 'put', key: `/g/things/${name}`, atMs: 1, object: aThing(name, index + 1) };
  });
}
