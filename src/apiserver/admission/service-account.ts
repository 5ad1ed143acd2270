/** A pod that names no service account runs as its namespace's `default`. */
import type { AdmissionPlugin } from './admission.ts';
import { changeSpec } from './change-spec.ts';

const DEFAULT = 'default';

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  complete: true,
  handles: ({ definition, operation }) =>
    operation === 'create' && definition.group === '' && definition.plural === 'pods',
  mutate: changeSpec((spec) => {
    if (spec.serviceAccountName) return spec;
    // Older clients use the field's former name; both are shown, as upstream does.
    const name = spec.serviceAccount || DEFAULT;
    return { ...spec, serviceAccountName: name, serviceAccount: name };
  }),
};
