/** The engine that keeps nothing beyond the process: tests, simulation and `--store memory`. */
import type { Engine, Row } from '../engine.ts';

export type MemoryOptions = {
  /** Revisions that are kept beside the newest one of each object. */
  readonly keptRevisions?: number;
};

// Enough to look back, little enough not to matter beside a million objects.
const KEPT_REVISIONS = 100_000;

export function memoryEngine({ keptRevisions = KEPT_REVISIONS }: MemoryOptions = {}): Engine {
  const newest = new Map<string, Row>();
  const past = new PastRows(keptRevisions);
  return {
    load: () => Promise.resolve({ revision: 0, entries: none() }),
    commit(batch) {
      for (const row of batch) {
        const before = newest.get(row.key);
        if (before !== undefined) past.push(before);
        if (row.type === 'put') newest.set(row.key, row);
        else {
          newest.delete(row.key);
          past.push(row);
        }
      }
      return Promise.resolve();
    },
    history(key) {
      const current = newest.get(key);
      const rows = current === undefined ? past.of(key) : [...past.of(key), current];
      return Promise.resolve(rows.map(({ revision, atMs, type, object }) => ({ revision, atMs, type, object })));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The rows that were replaced last; of one key they are in order. */
class PastRows {
  readonly #rows: Row[] = [];
  readonly #capacity: number;
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(row: Row): void {
    if (this.#rows.length < this.#capacity) {
      this.#rows.push(row);
      return;
    }
    this.#rows[this.#oldest] = row;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  // Looked through whole: who asks is rare, and an index would cost every write.
  of(key: string): readonly Row[] {
    return [...this.#rows.slice(this.#oldest), ...this.#rows.slice(0, this.#oldest)].filter((row) => row.key === key);
  }
}

async function* none(): AsyncGenerator<never, void> {
  // A fresh memory holds nothing.
}
