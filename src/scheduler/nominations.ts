/** Nodes that are being cleared for pods: until the pod is there or gives up, it counts on its node for all that matter no more than it. */
import type { Pod } from '#api/core/pod';
import type { PlacedPods } from './placed-pods.ts';
import { priorityOf } from './preemption/importance.ts';

type Nomination = { readonly pod: Pod; readonly node: string };

export class Nominations {
  readonly #placed: PlacedPods;
  readonly #byPod = new Map<string, Nomination>();
  readonly #byNode = new Map<string, Set<Nomination>>();
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
    this.fulfil(uid);
    const nomination = { pod, node };
    this.#byPod.set(uid, nomination);
    this.#byNode.set(node, (this.#byNode.get(node) ?? new Set()).add(nomination));
    this.#lowestPriority = Math.min(this.#lowestPriority, priorityOf(pod));
    this.#placed.assume(pod, node);
  }

  /** The pod is on its way to a node, which counts it now. */
  fulfil(uid: string): void {
    const nomination = this.#byPod.get(uid);
    if (nomination === undefined) return;
    this.#byPod.delete(uid);
    const others = this.#byNode.get(nomination.node);
    others?.delete(nomination);
    if (others?.size === 0) this.#byNode.delete(nomination.node);
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

  /** Pods that were promised the node. */
  on(node: string): readonly Pod[] {
    return [...(this.#byNode.get(node) ?? [])].map(({ pod }) => pod);
  }

  /** Pods that were promised the node and matter less than the one that gets it. */
  lowerOn(node: string, priority: number): readonly Pod[] {
    return this.on(node).filter((pod) => priorityOf(pod) < priority);
  }
}
