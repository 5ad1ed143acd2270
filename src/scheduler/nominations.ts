/** Nodes that are being cleared for pods: until the pod is there or gives up, it counts on its node for all that matter no more than it. */
import type { Pod } from '#api/core/pod';
import type { PlacedPods } from './placed-pods.ts';
import { priorityOf } from './preemption/importance.ts';

type Nomination = { readonly pod: Pod; readonly node: string };

export class Nominations {
  readonly #placed: PlacedPods;
  readonly #byPod = new Map<string, Nomination>();
  /** No nominated pod is of lower priority than this. */
  #lowestPriority = Infinity;

  constructor(placed: PlacedPods) {
    this.#placed = placed;
  }

  nodeOf(uid: string): string | undefined {
    return this.#byPod.get(uid)?.node;
  }

  set(pod: Pod, node: string): void {
    const { uid } = pod.metadata;
    this.#byPod.set(uid, { pod, node });
    this.#lowestPriority = Math.min(this.#lowestPriority, priorityOf(pod));
    this.#placed.assume(pod, node);
  }

  /** The pod is on its way to a node, which counts it now. */
  fulfil(uid: string): void {
    this.#byPod.delete(uid);
    if (this.#byPod.size === 0) this.#lowestPriority = Infinity;
  }

  delete(uid: string): void {
    if (!this.#byPod.has(uid)) return;
    this.fulfil(uid);
    this.#placed.remove(uid);
  }

  /** What does not count when a node is looked for: the pod's own nomination, and those of pods that matter less. */
  outOfTheWayOf(pod: Pod): readonly Pod[] {
    const own = this.#byPod.get(pod.metadata.uid);
    const priority = priorityOf(pod);
    if (priority <= this.#lowestPriority) return own === undefined ? [] : [own.pod];
    return [...this.#byPod.values()]
      .filter((each) => each === own || priorityOf(each.pod) < priority)
      .map((each) => each.pod);
  }

  /** Pods that were promised the node and matter less than the one that gets it. */
  lowerOn(node: string, priority: number): readonly Pod[] {
    return [...this.#byPod.values()]
      .filter((each) => each.node === node && priorityOf(each.pod) < priority)
      .map((each) => each.pod);
  }
}
