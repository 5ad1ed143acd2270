/** The worker thread that owns the database file, so that the event loop never waits for a disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '#base/errors';
import { systemWorld } from '#base/world';
import { Database } from './database.ts';
import type { WorkerOptions, WorkerReply, WorkerRequest } from './protocol.ts';

const COMPACTION_EVERY_MS = 60_000;

if (parentPort === null)
  throw new Error('Cannot run the sqlite worker on its own: expected to be started by the engine');
const port = parentPort;
const { path, retention } = workerData as WorkerOptions;
const { clock } = systemWorld();
let database: Database | undefined;
let compaction: Disposable | undefined;

const reply = (message: WorkerReply): void => port.postMessage(message);

port.on('message', (request: WorkerRequest) => {
  try {
    answer(request);
  } catch (error) {
    reply({ id: request.id, answer: 'failed', message: errorMessage(error) });
  }
});

function answer(request: WorkerRequest): void {
  const { id } = request;
  switch (request.ask) {
    case 'load':
      return load(id);
    case 'commit':
      opened().commit(request.batch);
      return reply({ id, answer: 'done' });
    case 'history':
      return reply({ id, answer: 'history', revisions: opened().history(request.key) });
    case 'close':
      compaction?.[Symbol.dispose]();
      database?.close();
      reply({ id, answer: 'done' });
      return port.close();
  }
}

function opened(): Database {
  if (database === undefined) throw new Error('Cannot use the database: it is not open');
  return database;
}

function load(id: number): void {
  database = new Database(path, retention);
  reply({ id, answer: 'opened', revision: database.revision() });
  for (const chunk of database.current())
    port.postMessage({ id, answer: 'chunk', chunk } satisfies WorkerReply, [chunk.values.buffer]);
  reply({ id, answer: 'done' });
  scheduleCompaction(COMPACTION_EVERY_MS);
}

function scheduleCompaction(delayMs: number): void {
  compaction = clock.setTimer(delayMs, () => {
    let more = false;
    try {
      more = opened().compact(clock.now());
    } catch (error) {
      // A full disk: commits report it to whoever writes; compaction tries again later.
      process.emitWarning(`Cannot compact "${path}": ${errorMessage(error)}`);
    }
    scheduleCompaction(more ? 0 : COMPACTION_EVERY_MS);
  });
}
