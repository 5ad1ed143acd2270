/** The pods that count on a node, and how important the least important of them is. */
import type { Pod } from '#api/core/pod';
import { priorityOf } from './preemption/importance.ts';
import type { ClusterState } from './snapshot/cluster-state.ts';

export class PlacedPods {
  readonly #state: ClusterState;
  readonly #byPriority = new Map<number, number>();

  constructor(state: ClusterState) {
    this.#state = state;
  }

  /** Infinity when there are none. */
  get lowestPriority(): number {
    return Math.min(...this.#byPriority.keys());
  }

  get(uid: string): Pod | undefined {
    return this.#state.podOf(uid);
  }

  /** Counts the pod on the node that it names. */
  set(pod: Pod): void {
    const { uid } = pod.metadata;
    this.#count(this.get(uid), -1);
    this.#state.setPod(pod);
    this.#count(this.get(uid), 1);
  }

  /** As if it were on the node already. */
  assume(pod: Pod, nodeName: string): void {
    this.set({ ...pod, spec: { ...pod.spec, nodeName } });
  }

  remove(uid: string): void {
    this.#count(this.get(uid), -1);
    this.#state.removePod(uid);
  }

  #count(pod: Pod | undefined, change: 1 | -1): void {
    if (pod === undefined) return;
    const priority = priorityOf(pod);
    const count = (this.#byPriority.get(priority) ?? 0) + change;
    if (count === 0) this.#byPriority.delete(priority);
    else this.#byPriority.set(priority, count);
  }
}
