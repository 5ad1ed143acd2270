/** Calls pods back whose nodes were cleared for them: once they fit there, they need not sit out a back-off. */
import type { Pod } from '#api/core/pod';
import type { Decider } from './decider.ts';
import type { SchedulerParts } from './parts.ts';

export class PromisedPods {
  readonly #parts: Pick<SchedulerParts, 'nominations' | 'queue' | 'bell'>;
  readonly #decider: Decider;
  /** Nodes that pods have left: as a rule several at once, so that they are looked at when all have been heard of. */
  readonly #left = new Set<string>();

  constructor(parts: Pick<SchedulerParts, 'nominations' | 'queue' | 'bell'>, decider: Decider) {
    this.#parts = parts;
    this.#decider = decider;
  }

  podLeft(node: string): void {
    const { nominations, bell } = this.#parts;
    if (nominations.on(node).length === 0) return;
    this.#left.add(node);
    bell.ring();
  }

  call(): void {
    if (this.#left.size === 0) return;
    const { nominations, queue } = this.#parts;
    for (const node of this.#left)
      for (const pod of nominations.on(node))
        if (queue.isResting(pod.metadata.uid) && this.#fits(pod, node)) queue.activate([pod.metadata.uid]);
    this.#left.clear();
  }

  /** A pod that cannot be thought about is tried, which tells of it. */
  #fits(pod: Pod, node: string): boolean {
    try {
      return this.#decider.fits(pod, node);
    } catch {
      return true;
    }
  }
}
