/** Puts pods on the nodes that were found for them: they count there at once, and the API hears of it meanwhile. */
import type { Pod } from '#api/core/pod';
import { asError, errorMessage } from '#base/errors';
import { type Bind, bindThrough, isOutdated } from './binding.ts';
import type { Held, PodClaims } from './claims.ts';
import type { SchedulerParts } from './parts.ts';

// More than these on their way to the API would only pile up.
const BINDINGS_AT_MOST = 2000;

export class Placer {
  readonly bind: Bind;
  readonly #parts: SchedulerParts;
  #bindings = 0;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.bind = bindThrough(parts.client, parts.extenders);
  }

  /** The bell rings when it is so no more. */
  get isBusy(): boolean {
    return this.#bindings >= BINDINGS_AT_MOST;
  }

  async place(pod: Pod, nodeName: string, claims: PodClaims): Promise<void> {
    const { world, signal, reporter } = this.#parts;
    this.begin(pod, nodeName);
    const decidedMs = world.clock.now();
    let held: Held | undefined;
    try {
      held = this.hold(pod, nodeName, claims);
      if (held !== undefined) await this.#parts.claims.bind(held, signal);
      await this.bind(pod, nodeName);
      reporter.scheduled(pod, nodeName, decidedMs);
    } catch (error) {
      if (held !== undefined) this.#parts.claims.release(held);
      if (this.withdraw(pod)) this.#tell(pod, nodeName, error);
    } finally {
      this.end();
    }
  }

  /** What the pod claims is its own from now on. Throws when the node has it no longer. */
  hold(pod: Pod, nodeName: string, claims: PodClaims): Held | undefined {
    const { state } = this.#parts;
    const slot = state.slotOf(nodeName);
    const node = slot === undefined ? undefined : state.nodeAt(slot);
    if (node === undefined) throw new Error(`node "${nodeName}" not found`);
    return this.#parts.claims.hold(pod, claims, node);
  }

  /** The node counts the pod from now on. */
  begin(pod: Pod, nodeName: string): void {
    const { assumed, queue, nominations, placed, gangs } = this.#parts;
    const { uid } = pod.metadata;
    assumed.add(uid);
    queue.decided(uid);
    nominations.fulfil(uid);
    placed.assume(pod, nodeName);
    gangs.place(pod);
    this.#bindings++;
  }

  /** The API has been told, or will not be. */
  end(): void {
    if (this.#bindings-- === BINDINGS_AT_MOST) this.#parts.bell.ring();
  }

  /** The pod waits again. False when it is gone, or bound after all: then the informer has told the rest. */
  withdraw(pod: Pod): boolean {
    const { assumed, placed, gangs, queue, signal } = this.#parts;
    const { uid } = pod.metadata;
    if (signal.aborted || !assumed.delete(uid)) return false;
    const counted = placed.get(uid);
    placed.remove(uid);
    gangs.wait(pod);
    queue.retry(uid);
    if (counted !== undefined) queue.wake({ kind: 'PodRemoved', pod: counted });
    return true;
  }

  #tell(pod: Pod, nodeName: string, error: unknown): void {
    if (isOutdated(error)) return;
    const { logger, reporter } = this.#parts;
    const { namespace, name } = pod.metadata;
    logger.warn('cannot bind a pod', { pod: `${namespace}/${name}`, node: nodeName, error: asError(error) });
    reporter.failed(pod, { message: errorMessage(error), reason: 'SchedulerError' });
  }
}
