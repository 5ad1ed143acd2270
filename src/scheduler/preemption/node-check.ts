/** Asks the filters of a profile about a pod and single nodes, while what is on those nodes is being changed. */
import type { Pod } from '#api/core/pod';
import type { PodFilter, PodRefused, Profile, Refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';

export class NodeCheck {
  readonly #filters: PodFilter[] = [];
  /** A plugin refuses the pod whatever the node. */
  readonly refused: PodRefused | undefined;
  /** A verdict depends on nothing but what is on the node. */
  readonly isLocal: boolean;

  constructor(state: ClusterState, profile: Profile, pod: Pod) {
    for (const plugin of profile.filters) {
      const filter = plugin.filter?.(pod, state);
      if (filter === undefined) continue;
      if ('because' in filter) {
        this.refused = filter;
        break;
      }
      filter.domains?.rebuild();
      filter.domains?.settle();
      this.#filters.push(filter);
    }
    this.isLocal = this.#filters.every(({ domains }) => domains === undefined);
  }

  /** Undefined where the pod fits. */
  verdict(slot: number): Refusal | undefined {
    this.settle(slot);
    for (const filter of this.#filters) {
      const refusal = filter.verdict(slot);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** Takes in what changed on the node: to be called when it is not asked for a verdict afterwards. */
  settle(slot: number): void {
    if (this.isLocal) return;
    for (const { domains } of this.#filters) {
      domains?.repair(slot);
      domains?.settle();
    }
  }

  /** Nothing will be asked any more. */
  release(): void {
    for (const { domains } of this.#filters) domains?.release();
  }
}
