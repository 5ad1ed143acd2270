/** Keeps the namespaces that the cluster itself needs from being deleted. */
import { admissionForbidden, type AdmissionPlugin } from './admission.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  of: ['/namespaces'],
  handles: ({ operation }) => operation === 'delete',
  validate(request) {
    if (IMMORTAL.has(request.object.metadata.name)) {
      throw admissionForbidden(request, 'this namespace may not be deleted');
    }
  },
};
