/** Looks for a node for one pod, among what is known of the cluster now. Nothing is changed by it. */
import type { Pod } from '#api/core/pod';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { RunningProfile } from './config/running-profile.ts';
import type { Decision, Refusing } from './decision.ts';
import { scoreNodes } from './explain/node-scores.ts';
import type { ScoredNode } from './extenders/decide-with-extenders.ts';
import { inTheirPlaces } from './framework/in-their-places.ts';
import { placePod } from './framework/place.ts';
import type { Refused } from './framework/placement.ts';
import type { Plugin, Profile } from './framework/plugin.ts';
import type { SchedulerParts } from './parts.ts';
import { NodeCheck } from './preemption/node-check.ts';
import { PreemptionPlanner } from './preemption/preemption-planner.ts';

export class Decider {
  readonly #parts: SchedulerParts;
  readonly #planner = new PreemptionPlanner();
  #budgets: readonly PodDisruptionBudget[] | undefined;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  /** They are listed when the next pod asks for them. */
  forgetBudgets(): void {
    this.#budgets = undefined;
  }

  /** Neither its own promise nor those of pods that matter less are in its way. */
  decide(pod: Pod, more: readonly Plugin[] = []): Decision {
    const { profileOf, nominations, state } = this.#parts;
    const running = profileOf(pod);
    if (running === undefined)
      throw new Error(`Cannot place a pod of ${String(pod.spec.schedulerName)}: no such profile`);
    return state.without(nominations.outOfTheWayOf(pod), () => this.#decideInView(pod, running, more));
  }

  /** Whether all plugins accept the node for the pod now. */
  fits(pod: Pod, node: string): boolean {
    return this.#inViewOf(pod, (profile) => this.#fitsOn(pod, node, profile)) === true;
  }

  /** The nodes that all plugins accept, with what they think of them. */
  candidates(pod: Pod): readonly ScoredNode[] {
    const { state } = this.#parts;
    const scored = this.#inViewOf(pod, (profile) => scoreNodes(state, profile, pod)) ?? [];
    return scored.flatMap(({ node: name, total }) => {
      const slot = state.slotOf(name);
      const node = slot === undefined ? undefined : state.nodeAt(slot);
      return node === undefined ? [] : [{ node, total }];
    });
  }

  /** With what its claims have to say of nodes, or of the pod as such. */
  profileNow(pod: Pod): Profile | undefined {
    const profile = this.#parts.profileOf(pod)?.profile;
    if (profile === undefined) return undefined;
    const { filters, because } = this.#parts.claims.plan(pod);
    if (because === undefined) return filters.length === 0 ? profile : withFilters(profile, filters);
    const { plugin, text, resolvable } = because;
    return withFilters(profile, [{ name: plugin, filter: () => ({ because: text, resolvable }) }]);
  }

  /** Shows the state without what does not count for the pod, and the profile that places it now. */
  #inViewOf<T>(pod: Pod, look: (profile: Profile) => T): T | undefined {
    const profile = this.profileNow(pod);
    if (profile === undefined) return undefined;
    const { state, nominations } = this.#parts;
    return state.without(nominations.outOfTheWayOf(pod), () => look(profile));
  }

  #decideInView(pod: Pod, running: RunningProfile, more: readonly Plugin[]): Decision {
    const { state, world } = this.#parts;
    const claims = this.#parts.claims.plan(pod);
    const { filters, because } = claims;
    const also = more.length === 0 ? filters : [...filters, ...more];
    if (because !== undefined)
      return {
        ...this.#refusal(pod, running, { placed: false, nodeCount: state.nodeCount, groups: [], because }),
        claims,
      };
    const profile = also.length === 0 ? running.profile : withFilters(running.profile, also);
    const promised = this.#promisedNode(pod, profile);
    if (promised !== undefined) return { kind: 'place', node: promised, claims };
    const placement = placePod(state, pod, { profile: running.profile, also, draw: world.random() });
    if (placement.placed) return { kind: 'place', node: placement.node, claims };
    return { ...this.#refusal(pod, { ...running, profile }, placement), claims };
  }

  /** The node that was cleared for the pod, once it fits there. */
  #promisedNode(pod: Pod, profile: Profile): string | undefined {
    const node = this.#parts.nominations.nodeOf(pod.metadata.uid);
    return node !== undefined && this.#fitsOn(pod, node, profile) ? node : undefined;
  }

  #fitsOn(pod: Pod, node: string, profile: Profile): boolean {
    const { state } = this.#parts;
    const slot = state.slotOf(node);
    if (slot === undefined) return false;
    const check = new NodeCheck(state, profile, pod);
    const fits = check.refused === undefined && check.verdict(slot) === undefined;
    check.release();
    return fits;
  }

  #refusal(pod: Pod, { profile, preemption: args }: RunningProfile, refused: Refused): Omit<Refusing, 'claims'> {
    if (args === undefined || refused.nodeCount === 0) return { kind: 'refuse', refused, preemption: undefined };
    const { state, informers, placed, world } = this.#parts;
    const preemption = this.#planner.plan({
      state,
      profile,
      pod,
      budgets: (this.#budgets ??= informers.for(PodDisruptionBudget).list()),
      refused,
      args,
      lowestPriority: placed.lowestPriority,
      draw: world.random(),
    });
    return { kind: 'refuse', refused, preemption };
  }
}

const withFilters = (profile: Profile, also: readonly Plugin[]): Profile => ({
  ...profile,
  filters: inTheirPlaces(profile.filters, also),
});
