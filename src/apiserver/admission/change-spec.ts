/** Admission that changes the spec of a pod: once for all the pods that share it, which then share the changed one too. */
import type { ApiObject } from '#api/object';
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import type { AdmissionRequest } from './admission.ts';

/** `change` sees nothing but the spec, and returns it when there is nothing to change. */
export function changeSpec(change: (spec: core.PodSpec) => core.PodSpec): (request: AdmissionRequest) => ApiObject {
  const changed = new WeakMap<core.PodSpec, core.PodSpec>();
  return ({ object }) => {
    const pod = object as core.Pod;
    const spec = changed.get(pod.spec) ?? change(pod.spec);
    if (spec === pod.spec) return pod;
    // Only what is frozen can be another pod's too: what came over the network belongs to one.
    if (Object.isFrozen(pod.spec)) changed.set(pod.spec, deepFreeze(spec));
    return { ...pod, spec };
  };
}
