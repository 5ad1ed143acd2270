/** A pod that names a runtime class gets what that class says, from a class that exists. */
import { semanticEqual } from '#api/meta/semantic-equal';
import { RuntimeClass } from '#api/node/runtime-class';
import type * as core from '#api/types/core-v1';
import type { Store } from '#store/store';
import { objectKey } from '../../registry/keys.ts';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden } from '../admission.ts';
import { SharedSpecs } from '../shared-specs.ts';
import { planRuntime } from './plan-runtime.ts';

export function runtimeClass(store: Store): AdmissionPlugin {
  const shared = new SharedSpecs<RuntimeClass>();
  return {
    name: 'RuntimeClass',
    complete: true,
    of: ['/pods'],
    handles: ({ operation, subresource }) => operation === 'create' && subresource === undefined,
    mutate(request) {
      const pod = request.object as core.Pod;
      const found = classOf(store, request);
      if (found === undefined) return pod;
      const spec = shared.get(pod.spec, found, () => specWith(request, found));
      return { ...pod, spec };
    },
    validate(request) {
      const { overhead } = (request.object as core.Pod).spec;
      const cost = classOf(store, request)?.overhead?.podFixed;
      if (semanticEqual(cost, overhead)) return;
      const why =
        cost === undefined
          ? 'Pod Overhead set without corresponding RuntimeClass defined Overhead'
          : "Pod's Overhead doesn't match RuntimeClass's defined Overhead";
      throw admissionForbidden(request, `pod rejected: ${why}`);
    },
  };
}

function specWith(request: AdmissionRequest, found: RuntimeClass): core.PodSpec {
  const plan = planRuntime((request.object as core.Pod).spec, found);
  if ('refusal' in plan) throw admissionForbidden(request, plan.refusal);
  return plan.spec;
}

function classOf(store: Store, request: AdmissionRequest): RuntimeClass | undefined {
  const { runtimeClassName: name } = (request.object as core.Pod).spec;
  if (name === undefined) return undefined;
  const found = store.get(objectKey(RuntimeClass, { name })) as RuntimeClass | undefined;
  if (found !== undefined) return found;
  throw admissionForbidden(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
}
