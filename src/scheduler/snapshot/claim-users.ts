/** How many pods with a node use each claim. */
import type { Pod } from '#api/core/pod';
import { claimsOf } from '#api/core/volume/pod-claims';

export class ClaimUsers {
  readonly #counts = new Map<string, number>();

  of(namespace: string, claim: string): number {
    return this.#counts.get(`${namespace}/${claim}`) ?? 0;
  }

  addPod(pod: Pod): void {
    this.#count(pod, 1);
  }

  removePod(pod: Pod): void {
    this.#count(pod, -1);
  }

  #count(pod: Pod, change: 1 | -1): void {
    if ((pod.spec.volumes ?? []).length === 0) return;
    for (const claim of new Set(claimsOf(pod))) {
      const key = `${pod.metadata.namespace}/${claim}`;
      const count = (this.#counts.get(key) ?? 0) + change;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}
