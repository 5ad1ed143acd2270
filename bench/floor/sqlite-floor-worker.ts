/** The thread of the floor: writes what it is sent, and nothing else. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { FloorBatch } from './sqlite-floor.ts';

const database = new DatabaseSync(String(workerData));
database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
database.exec('CREATE TABLE current (key TEXT PRIMARY KEY, revision INTEGER, value BLOB) WITHOUT ROWID');
database.exec('CREATE TABLE history (revision INTEGER PRIMARY KEY, key TEXT, value BLOB)');
const current = database.prepare('INSERT OR REPLACE INTO current VALUES (?, ?, ?)');
const history = database.prepare('INSERT INTO history VALUES (?, ?, ?)');
let revision = 0;

parentPort?.on('message', ({ rows, values }: FloorBatch) => {
  database.exec('BEGIN IMMEDIATE');
  let start = 0;
  for (const { key, end } of rows) {
    const value = values.subarray(start, end);
    history.run(++revision, key, value);
    current.run(key, revision, value);
    start = end;
  }
  database.exec('COMMIT');
  parentPort?.postMessage(revision);
});
