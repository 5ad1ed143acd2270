/** The engine that keeps nothing beyond the process: tests, simulation and `--store memory`. */
import type { Engine, Row } from '../engine.ts';

// Enough to look back in a simulation, little enough not to matter.
const KEPT_REVISIONS_PER_KEY = 100;

export function memoryEngine(): Engine {
  const rows = new Map<string, Row[]>();
  return {
    load: () => Promise.resolve({ revision: 0, entries: none() }),
    commit(batch) {
      for (const row of batch) {
        const ofKey = rows.get(row.key);
        if (ofKey === undefined) rows.set(row.key, [row]);
        else if (ofKey.push(row) > KEPT_REVISIONS_PER_KEY) ofKey.shift();
      }
      return Promise.resolve();
    },
    history: (key) =>
      Promise.resolve(
        (rows.get(key) ?? []).map(({ revision, atMs, type, object }) => ({ revision, atMs, type, object })),
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* none(): AsyncGenerator<never, void> {
  // A fresh memory holds nothing.
}
