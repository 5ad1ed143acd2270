/** The floor of durable writes: `node:sqlite` in a worker thread, a current and a history row a write, one transaction a batch. */
import { Worker } from 'node:worker_threads';

export interface SqliteFloor extends AsyncDisposable {
  /** Resolves when the row is durable. What arrives during a commit shares the next one. */
  write(key: string, value: Uint8Array): Promise<void>;
}

export type FloorRow = { readonly key: string; readonly end: number };
export type FloorBatch = { readonly rows: readonly FloorRow[]; readonly values: Uint8Array<ArrayBuffer> };

type Waiting = { readonly key: string; readonly value: Uint8Array; readonly resolve: () => void };

export function openSqliteFloor(path: string): SqliteFloor {
  const worker = new Worker(new URL('./sqlite-floor-worker.ts', import.meta.url), { workerData: path });
  let queue: Waiting[] = [];
  let committing = false;

  const commit = async (): Promise<void> => {
    committing = true;
    while (queue.length > 0) {
      const group = queue;
      queue = [];
      const batch = packed(group);
      const done = new Promise((resolve) => void worker.once('message', resolve));
      worker.postMessage(batch, [batch.values.buffer]);
      await done;
      for (const { resolve } of group) resolve();
    }
    committing = false;
  };

  return {
    write(key, value) {
      return new Promise((resolve) => {
        queue.push({ key, value, resolve });
        // Writers of the same turn share a transaction.
        if (!committing) queueMicrotask(() => (committing ? undefined : void commit()));
      });
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

function packed(group: readonly Waiting[]): FloorBatch {
  const values = new Uint8Array(group.reduce((sum, { value }) => sum + value.length, 0));
  let end = 0;
  const rows = group.map(({ key, value }) => {
    values.set(value, end);
    end += value.length;
    return { key, end };
  });
  return { rows, values };
}
