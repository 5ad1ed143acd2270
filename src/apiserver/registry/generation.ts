/** Which kinds count the changes of their spec in `metadata.generation`: all with a status, but for some of the oldest. */
import type { ResourceDefinition } from '#api/resource';
import { kindKey } from './keys.ts';

// Upstream never gave these a generation, and `kubectl get -o yaml` shows none.
const UNCOUNTED = new Set([
  '/namespaces',
  '/nodes',
  '/persistentvolumeclaims',
  '/persistentvolumes',
  '/resourcequotas',
  '/services',
  'autoscaling/horizontalpodautoscalers',
  'networking.k8s.io/servicecidrs',
  'storage.k8s.io/volumeattachments',
]);

export function countsGenerations(definition: ResourceDefinition): boolean {
  if (definition.generations === 'always') return true;
  return definition.hasStatus && !UNCOUNTED.has(kindKey(definition));
}
