/** Makes of a cluster's objects those that its simulation begins with. Pure. */
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import type { ApiObject } from '#api/object';

type Stored = readonly [key: string, object: ApiObject];

// Reports and signs of life are of the original; and nobody answers who would be asked before a write.
const LEFT_OUT = [
  'Event',
  'Lease',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'APIService',
  'CustomResourceDefinition',
];

export const isSimulated = ({ kind }: { readonly kind: string }): boolean => !LEFT_OUT.includes(kind);

export function planSimulatedStore(objects: readonly Stored[]): readonly Stored[] {
  return objects
    .filter(([, object]) => isSimulated(object))
    .map(([key, object]) => [key, object.kind === 'Pod' ? begun(object as Pod) : object]);
}

/** Nothing runs in the simulation yet: its nodes start what is bound to them. */
function begun(pod: Pod): Pod {
  if (isTerminal(pod)) return pod;
  const { conditions = [], qosClass } = pod.status ?? {};
  const placed = conditions.filter(({ type }) => type === 'PodScheduled');
  return { ...pod, status: { phase: 'Pending', conditions: placed, ...(qosClass === undefined ? {} : { qosClass }) } };
}
