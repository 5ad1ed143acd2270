/** Runs one controller: changes become keys, keys become work for its workers. */
import { isApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { Change } from '#client/informer';
import { keyOf } from '#client/key';
import { WorkQueue } from '#client/work-queue';
import { unlessAborted } from '#base/abort';
import { asError } from '#base/errors';
import { contextFor, type ControllerDependencies } from './context.ts';
import { NO_KEYS, type Context, type Controller } from './controller.ts';
import { Rests } from './rests.ts';

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
  using rests = new Rests(world.clock);
  const bench = { queue, rests, context };
  using subscriptions = new DisposableStack();
  // All are followed before the first is told in full: a pod is judged by an owner that others may remove while the rest is told.
  const telling = controller.triggers.map(async ({ type, keys }) => {
    if (keys === undefined) return;
    const hear = (change: Change<ApiObject>): void => addAll(keys(change, context), change, bench);
    subscriptions.use(await context.informer(type).subscribeInParts(hear));
  });
  await Promise.all(telling);
  const workers = Array.from({ length: controller.workers }, () => work(controller, bench));
  await Promise.all(workers);
}

// Most changes concern most controllers not at all: of every pod each of them hears several times.
function addAll(keys: Iterable<string>, change: Change<ApiObject>, { queue, rests }: Bench): void {
  if (keys === NO_KEYS || (Array.isArray(keys) && keys.length === 0)) return;
  const asked = asksAnew(change) ? keyOf(change.after) : undefined;
  for (const key of keys) {
    queue.add(key);
    if (key === asked) rests.end(key);
  }
}

/** Somebody wants something else of the object: that is not collected, as the many changes of what belongs to it are. */
function asksAnew(change: Change<ApiObject>): change is Required<Change<ApiObject>> {
  const { before, after } = change;
  if (before === undefined || after === undefined) return false;
  return before.metadata.generation !== after.metadata.generation;
}

async function work(controller: Controller, bench: Bench): Promise<void> {
  const { queue, rests, context } = bench;
  for (;;) {
    const key = await queue.take(context.signal);
    if (key === undefined) return;
    const restMs = await reconcileOnce(controller, key, bench);
    if (restMs === undefined || restMs <= 0) queue.done(key);
    else rests.start(key, restMs, () => queue.done(key));
  }
}

// Who asks to be called again at once, each time, must still leave others a turn.
const LEAST_AGAIN_MS = 5;

type Bench = { readonly queue: WorkQueue; readonly rests: Rests; readonly context: Context };

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
