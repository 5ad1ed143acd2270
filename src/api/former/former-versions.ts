/** Which versions of which kinds manifests may still be written in although upstream has removed them. */
import { eventFromV1, eventToV1 } from '../core/event-v1.ts';
import type { ResourceDefinition } from '../resource.ts';
import { FLAT_AUTOSCALER } from './autoscaler.ts';
import { FORMER_DEFINITION } from './custom-resource-definition.ts';
import { FORMER_BUDGET } from './disruption-budget.ts';
import { FORMER_SLICE } from './endpoint-slice.ts';
import { type Former, servedFormerly, translation } from './former-version.ts';
import { FORMER_INGRESS } from './ingress.ts';
import { FIRST_BINDING, FORMER_BINDING } from './role-binding.ts';
import {
  EXTENSIONS_DAEMON_SET,
  EXTENSIONS_DEPLOYMENT,
  EXTENSIONS_REPLICA_SET,
  FIRST_DEPLOYMENT,
  FIRST_STATEFUL_SET,
} from './workloads.ts';

type Life = Pick<Former, 'deprecated' | 'unavailable'>;

const life = (deprecated: string, unavailable: string): Life => ({ deprecated, unavailable });

const EXTENSIONS: Former = { apiVersion: 'extensions/v1beta1', ...life('1.8', '1.16') };
const SECOND_APPS: Former = { apiVersion: 'apps/v1beta2', ...life('1.9', '1.16') };
const FIRST_APPS: Former = { apiVersion: 'apps/v1beta1', ...life('1.8', '1.16') };
const RBAC: Former = { apiVersion: 'rbac.authorization.k8s.io/v1beta1', ...life('1.17', '1.22') };
const FIRST_RBAC: Former = { apiVersion: 'rbac.authorization.k8s.io/v1alpha1', ...life('1.17', '1.22') };
const STORAGE: Former = { apiVersion: 'storage.k8s.io/v1beta1', ...life('1.19', '1.22') };
const BINDINGS: readonly Former[] = [
  { ...RBAC, translation: FORMER_BINDING },
  { ...FIRST_RBAC, translation: FIRST_BINDING },
];
const INGRESS = { ...life('1.19', '1.22'), translation: FORMER_INGRESS };

/** By `group/plural`; the better of two versions of a group first. */
const FORMER: Readonly<Record<string, readonly Former[]>> = {
  'apps/deployments': [
    SECOND_APPS,
    { ...FIRST_APPS, translation: FIRST_DEPLOYMENT },
    { ...EXTENSIONS, translation: EXTENSIONS_DEPLOYMENT },
  ],
  'apps/replicasets': [SECOND_APPS, { ...EXTENSIONS, translation: EXTENSIONS_REPLICA_SET }],
  'apps/daemonsets': [SECOND_APPS, { ...EXTENSIONS, translation: EXTENSIONS_DAEMON_SET }],
  'apps/statefulsets': [SECOND_APPS, { ...FIRST_APPS, translation: FIRST_STATEFUL_SET }],
  'apps/controllerrevisions': [SECOND_APPS, FIRST_APPS],
  'batch/cronjobs': [{ apiVersion: 'batch/v1beta1', ...life('1.21', '1.25') }],
  'policy/poddisruptionbudgets': [
    { apiVersion: 'policy/v1beta1', ...life('1.21', '1.25'), translation: FORMER_BUDGET },
  ],
  'networking.k8s.io/ingresses': [
    { ...INGRESS, apiVersion: 'networking.k8s.io/v1beta1' },
    { ...INGRESS, apiVersion: 'extensions/v1beta1', deprecated: '1.14' },
  ],
  'networking.k8s.io/ingressclasses': [{ apiVersion: 'networking.k8s.io/v1beta1', ...life('1.19', '1.22') }],
  'networking.k8s.io/networkpolicies': [{ ...EXTENSIONS, deprecated: '1.9' }],
  'autoscaling/horizontalpodautoscalers': [
    { apiVersion: 'autoscaling/v2beta2', ...life('1.23', '1.26') },
    { apiVersion: 'autoscaling/v2beta1', ...life('1.22', '1.25'), translation: FLAT_AUTOSCALER },
  ],
  'rbac.authorization.k8s.io/roles': [RBAC, FIRST_RBAC],
  'rbac.authorization.k8s.io/clusterroles': [RBAC, FIRST_RBAC],
  'rbac.authorization.k8s.io/rolebindings': BINDINGS,
  'rbac.authorization.k8s.io/clusterrolebindings': BINDINGS,
  'storage.k8s.io/storageclasses': [STORAGE],
  'storage.k8s.io/volumeattachments': [STORAGE],
  'storage.k8s.io/csidrivers': [STORAGE],
  'storage.k8s.io/csinodes': [{ ...STORAGE, deprecated: '1.17' }],
  'storage.k8s.io/csistoragecapacities': [{ ...STORAGE, ...life('1.24', '1.27') }],
  'storage.k8s.io/volumeattributesclasses': [{ ...STORAGE, ...life('1.34', '1.37') }],
  'scheduling.k8s.io/priorityclasses': [{ apiVersion: 'scheduling.k8s.io/v1beta1', ...life('1.14', '1.22') }],
  'node.k8s.io/runtimeclasses': [{ apiVersion: 'node.k8s.io/v1beta1', ...life('1.22', '1.25') }],
  'apiextensions.k8s.io/customresourcedefinitions': [
    { apiVersion: 'apiextensions.k8s.io/v1beta1', ...life('1.16', '1.22'), translation: FORMER_DEFINITION },
  ],
  '/events': [
    {
      apiVersion: 'events.k8s.io/v1beta1',
      ...life('1.22', '1.25'),
      use: 'events.k8s.io/v1',
      translation: translation({ toStored: eventFromV1, fromStored: eventToV1 }),
    },
  ],
  'discovery.k8s.io/endpointslices': [
    { apiVersion: 'discovery.k8s.io/v1beta1', ...life('1.21', '1.25'), translation: FORMER_SLICE },
  ],
  'coordination.k8s.io/leases': [{ apiVersion: 'coordination.k8s.io/v1beta1', ...life('1.19', '1.22') }],
  'certificates.k8s.io/certificatesigningrequests': [
    { apiVersion: 'certificates.k8s.io/v1beta1', ...life('1.19', '1.22') },
  ],
};

/** The kind with its former versions after those that it has. */
export function withFormerVersions(definition: ResourceDefinition): ResourceDefinition {
  const former = FORMER[`${definition.group}/${definition.plural}`];
  if (former === undefined) return definition;
  const served = former.map((each) => servedFormerly(definition, each));
  return Object.freeze({ ...definition, otherVersions: [...definition.otherVersions, ...served] });
}
