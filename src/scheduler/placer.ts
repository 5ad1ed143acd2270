/** Puts pods on the nodes that were found for them: they count there at once, and the API hears of it meanwhile. */
import type { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { asError } from '#base/errors';
import { type Bind, bindPod, bindThrough } from './binding.ts';
import type { PodClaims } from './claims.ts';
import type { SchedulerParts } from './parts.ts';

// More than these on their way to the API would only pile up.
const BINDINGS_AT_MOST = 2000;

export class Placer {
  readonly #parts: SchedulerParts;
  readonly #bind: Bind;
  #bindings = 0;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#bind = bindThrough(parts.client, parts.extenders);
  }

  /** The bell rings when it is so no more. */
  get isBusy(): boolean {
    return this.#bindings >= BINDINGS_AT_MOST;
  }

  async place(pod: Pod, nodeName: string, claims: PodClaims): Promise<void> {
    const { assumed, queue, nominations, placed, gangs, world, state, bell } = this.#parts;
    const { uid } = pod.metadata;
    assumed.add(uid);
    queue.decided(uid);
    nominations.fulfil(uid);
    placed.assume(pod, nodeName);
    gangs.place(pod);
    this.#bindings++;
    const decidedMs = world.clock.now();
    try {
      const slot = state.slotOf(nodeName);
      const node = slot === undefined ? undefined : state.nodeAt(slot);
      if (node !== undefined) {
        const held = this.#parts.claims.hold(pod, claims, node);
        await bindPod({ pod, held }, this.#parts.claims, this.#bind);
      }
      this.#parts.reporter.scheduled(pod, nodeName, decidedMs);
    } catch (error) {
      this.#notPlaced(pod, nodeName, error);
    } finally {
      if (this.#bindings-- === BINDINGS_AT_MOST) bell.ring();
    }
  }

  #notPlaced(pod: Pod, nodeName: string, error: unknown): void {
    const { assumed, placed, gangs, queue, signal, logger } = this.#parts;
    const { uid, namespace, name } = pod.metadata;
    if (signal.aborted) return;
    if (!assumed.delete(uid)) return; // gone, or bound by now: the informer has told the rest
    const counted = placed.get(uid);
    placed.remove(uid);
    gangs.wait(pod);
    queue.retry(uid);
    if (counted !== undefined) queue.wake({ kind: 'PodRemoved', pod: counted });
    if (isApiError(error, 'NotFound', 'Conflict')) return; // the informer is about to tell why
    logger.warn('cannot bind a pod', { pod: `${namespace}/${name}`, node: nodeName, error: asError(error) });
  }
}
