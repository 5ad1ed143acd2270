/** Decides about pods in whose placing extenders have a say. */
import type { Pod } from '#api/core/pod';
import type { Decider } from '../decider.ts';
import type { Decision } from '../decision.ts';
import type { SchedulerParts } from '../parts.ts';
import { decideWithExtenders } from './decide-with-extenders.ts';

export class ExtendedDecider {
  readonly #parts: SchedulerParts;
  readonly #decider: Decider;

  constructor(parts: SchedulerParts, decider: Decider) {
    this.#parts = parts;
    this.#decider = decider;
  }

  /** Whether any extender has to be asked about the pod. */
  concerns(pod: Pod): boolean {
    return this.#parts.extenders.concern(pod);
  }

  /** Undefined when the node that was chosen no longer does. Rejects when an extender that must be heard cannot be. */
  async decide(pod: Pod): Promise<Decision | undefined> {
    if (!this.concerns(pod)) return this.#decider.decide(pod);
    const { extenders, claims, nominations, world } = this.#parts;
    return await decideWithExtenders(pod, {
      extenders,
      candidates: () => this.#decider.candidates(pod),
      decide: (_pod, also) => this.#decider.decide(pod, also),
      claimsOf: () => claims.plan(pod),
      promisedNode: () => nominations.nodeOf(pod.metadata.uid),
      fits: (_pod, node) => this.#decider.fits(pod, node),
      draw: world.random,
    });
  }
}
