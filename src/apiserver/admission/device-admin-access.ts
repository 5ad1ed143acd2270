/** Access to devices that others use is for namespaces that are marked for it. */
import { invalidError } from '#api/errors';
import type { Namespace } from '#api/core/namespace';
import { forbidden } from '#api/meta/field-error';
import type { ResourceClaim } from '#api/resource/resource-claim';
import type { ResourceClaimTemplate } from '#api/resource/resource-claim-template';
import type { DeviceClaim } from '#api/types/resource-v1';
import type { Store } from '#store/store';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const LABEL = 'resource.kubernetes.io/admin-access';
const REFUSED = `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`;

export function deviceAdminAccess(store: Store): AdmissionPlugin {
  return {
    name: 'DeviceAdminAccess',
    of: ['resource.k8s.io/resourceclaims', 'resource.k8s.io/resourceclaimtemplates'],
    handles: () => true,
    validate(request) {
      const field = fieldOfAccess(request);
      if (field === undefined) return;
      const { definition, object } = request;
      const namespace = store.get(`/core/namespaces/${object.metadata.namespace ?? ''}`) as Namespace | undefined;
      if (namespace?.metadata.labels?.[LABEL] === 'true') return;
      throw invalidError(definition, object.metadata.name, [forbidden(field, REFUSED)]);
    },
  };
}

/** What asks for it, or grants it, for the first time. */
function fieldOfAccess({ operation, subresource, definition, object, stored }: AdmissionRequest): string | undefined {
  if (subresource === 'status') {
    const granted = (claim: object | undefined): number => grantOf((claim ?? {}) as ResourceClaim);
    const index = granted(object);
    if (index < 0 || granted(stored) >= 0) return undefined;
    return `status.allocation.devices.results[${index}].adminAccess`;
  }
  if (operation !== 'create') return undefined; // what is asked for never changes
  const isClaim = definition.plural === 'resourceclaims';
  const { devices } = isClaim ? (object as ResourceClaim).spec : (object as ResourceClaimTemplate).spec.spec;
  const index = wishOf(devices);
  // Of templates too, as upstream has it.
  return index < 0 ? undefined : `spec.devices.requests[${index}].adminAccess`;
}

function wishOf({ requests = [] }: DeviceClaim = {}): number {
  return requests.findIndex(({ exactly }) => exactly?.adminAccess === true);
}

function grantOf({ status }: ResourceClaim): number {
  return status?.allocation?.devices?.results?.findIndex(({ adminAccess }) => adminAccess === true) ?? -1;
}
