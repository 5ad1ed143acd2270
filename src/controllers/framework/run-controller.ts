/** Runs one controller: changes become keys, keys become work for its workers. */
import { isApiError } from '#api/errors';
import { WorkQueue } from '#client/work-queue';
import { unlessAborted } from '#base/abort';
import { asError } from '#base/errors';
import { contextFor, type ControllerDependencies } from './context.ts';
import type { Context, Controller } from './controller.ts';

/** Runs until the signal aborts; resolves when the last worker has finished what it was doing. */
export async function runController(controller: Controller, dependencies: ControllerDependencies): Promise<void> {
  const { signal, world } = dependencies;
  const context = contextFor(controller, dependencies);
  for (const { type, index } of controller.triggers) {
    if (index !== undefined) context.informer(type).addIndex(index.name, index.indexer);
  }
  const synced = Promise.all(controller.reads.map((type) => context.informer(type).synced));
  try {
    await unlessAborted(synced, signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  using queue = new WorkQueue(world);
  using subscriptions = new DisposableStack();
  for (const { type, keys } of controller.triggers) {
    if (keys === undefined) continue;
    const subscription = await context.informer(type).subscribeInParts((change) => {
      addAll(keys(change, context), queue);
    });
    subscriptions.use(subscription);
  }
  const workers = Array.from({ length: controller.workers }, () => work(controller, queue, context));
  await Promise.all(workers);
}

// Most changes concern most controllers not at all: of every pod each of them hears several times.
function addAll(keys: Iterable<string>, queue: WorkQueue): void {
  if (Array.isArray(keys) && keys.length === 0) return;
  for (const key of keys) queue.add(key);
}

async function work(controller: Controller, queue: WorkQueue, context: Context): Promise<void> {
  for (;;) {
    const key = await queue.take(context.signal);
    if (key === undefined) return;
    const restMs = await reconcileOnce(controller, key, { queue, context });
    if (restMs === undefined || restMs <= 0) queue.done(key);
    else void rest(key, restMs, { queue, context });
  }
}

/** Until it is done, what comes for the key is collected. */
async function rest(key: string, restMs: number, { queue, context }: Bench): Promise<void> {
  try {
    await context.world.clock.sleep(restMs, context.signal);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
  queue.done(key);
}

// Who asks to be called again at once, each time, must still leave others a turn.
const LEAST_AGAIN_MS = 5;

type Bench = { readonly queue: WorkQueue; readonly context: Context };

/** How long the key rests. */
async function reconcileOnce(controller: Controller, key: string, { queue, context }: Bench): Promise<number | void> {
  try {
    const outcome = await controller.reconcile(key, context);
    queue.forget(key);
    if (outcome?.againInMs !== undefined) queue.addAfter(key, Math.max(LEAST_AGAIN_MS, outcome.againInMs));
    return outcome?.restMs;
  } catch (error) {
    if (context.signal.aborted) return;
    // Somebody else wrote first: looking again is all there is to do.
    if (isApiError(error, 'Conflict')) context.logger.debug('retrying after a conflict', { key });
    else context.logger.warn('cannot reconcile, will try again', { key, error: asError(error) });
    queue.retry(key);
  }
}
