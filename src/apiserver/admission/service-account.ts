/** A pod that names no service account runs as its namespace's `default`. */
import type * as core from '#api/types/core-v1';
import type { AdmissionPlugin } from './admission.ts';

const DEFAULT = 'default';

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  complete: true,
  handles: ({ definition, operation }) =>
    operation === 'create' && definition.group === '' && definition.plural === 'pods',
  mutate({ object }) {
    const pod = object as core.Pod;
    if (pod.spec?.serviceAccountName) return pod;
    // Older clients use the field's former name; both are shown, as upstream does.
    const name = pod.spec?.serviceAccount || DEFAULT;
    return { ...pod, spec: { ...pod.spec, serviceAccountName: name, serviceAccount: name } } as core.Pod;
  },
};
