/** The store of a cluster, loaded before all else: a thread reads it while the rest of the program is loaded. */
import { mkdir } from 'node:fs/promises';
import type { World } from '#base/world';
import type { Cluster } from '#cli/composition';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import type { Store } from '#store/store';

export interface OpeningStore extends AsyncDisposable {
  readonly opened: Promise<Store>;
}

export function openClusterStore(cluster: Cluster, world: World): OpeningStore {
  const opened = open(cluster, world);
  // A failure is heard by whoever awaits the store, which may be later than it happens.
  const close = opened.then(
    (store) => () => store[Symbol.asyncDispose](),
    () => () => Promise.resolve(),
  );
  return { opened, [Symbol.asyncDispose]: async () => await (await close)() };
}

async function open({ dir, settings }: Cluster, world: World): Promise<Store> {
  await mkdir(dir.path, { recursive: true });
  const engine = settings.store === 'memory' ? memoryEngine() : sqliteEngine({ path: dir.database });
  return await openStore({ engine, world });
}
