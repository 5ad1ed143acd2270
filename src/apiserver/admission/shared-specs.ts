/** Pods that share a spec, and what is made of it by admission, share the result too. */
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';

/** `Basis`: what the result depends on beside the spec, compared by reference. */
export class SharedSpecs<Basis> {
  readonly #made = new WeakMap<core.PodSpec, { readonly basis: Basis; readonly spec: core.PodSpec }>();

  get(spec: core.PodSpec, basis: Basis, make: () => core.PodSpec): core.PodSpec {
    const known = this.#made.get(spec);
    if (known !== undefined && known.basis === basis) return known.spec;
    const made = make();
    // Only what is frozen can be another pod's too: what came over the network belongs to one.
    if (Object.isFrozen(spec)) this.#made.set(spec, { basis, spec: deepFreeze(made) });
    return made;
  }
}
