/** The cluster roles for people and for components, as every cluster has them. */
import type { Rule } from '../rules.ts';
import { NODE_RULES } from './node-rules.ts';
import { DELEGATION, EVENTS, leadership, named, paths, READ, READ_WRITE, rule, WRITE } from './rule-notation.ts';

export type RoleSpec = {
  readonly rules?: readonly Rule[];
  /** The rules are those of all roles with this label. */
  readonly gathers?: Gathering;
  /** The role's rules are also those of this one. */
  readonly joins?: Gathering;
};

export type Gathering = 'admin' | 'edit' | 'view';

const PUBLIC = '/healthz /livez /readyz /version /version/';
const OLD_APPS = 'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale';
const approve = (signer: string): RoleSpec => ({
  rules: [named(signer, rule('approve', 'signers', 'certificates.k8s.io'))],
});

const AGGREGATE_TO_EDIT: readonly Rule[] = [
  rule(READ, 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule('impersonate', 'serviceaccounts'),
  rule(WRITE, 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule('create', 'pods/eviction'),
  rule(
    WRITE,
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule('create', 'serviceaccounts/token'),
  rule(WRITE, `${OLD_APPS} statefulsets statefulsets/scale`, 'apps'),
  rule(WRITE, 'horizontalpodautoscalers', 'autoscaling'),
  rule(WRITE, 'cronjobs jobs', 'batch'),
  rule(WRITE, `${OLD_APPS} ingresses networkpolicies replicationcontrollers/scale`, 'extensions'),
  rule(WRITE, 'poddisruptionbudgets', 'policy'),
  rule(WRITE, 'ingresses networkpolicies', 'networking.k8s.io'),
  rule(READ_WRITE, 'leases', 'coordination.k8s.io'),
  rule(WRITE, 'resourceclaims resourceclaimtemplates', 'resource.k8s.io'),
];

const SEEN_APPS =
  'daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status';

const AGGREGATE_TO_VIEW: readonly Rule[] = [
  rule(
    READ,
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    READ,
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  rule(READ, 'namespaces'),
  rule(READ, 'endpointslices', 'discovery.k8s.io'),
  rule(READ, `controllerrevisions ${SEEN_APPS} statefulsets statefulsets/scale statefulsets/status`, 'apps'),
  rule(READ, 'horizontalpodautoscalers horizontalpodautoscalers/status', 'autoscaling'),
  rule(READ, 'cronjobs cronjobs/status jobs jobs/status', 'batch'),
  rule(READ, `${SEEN_APPS} ingresses ingresses/status networkpolicies replicationcontrollers/scale`, 'extensions'),
  rule(READ, 'poddisruptionbudgets poddisruptionbudgets/status', 'policy'),
  rule(READ, 'ingresses ingresses/status networkpolicies', 'networking.k8s.io'),
  rule(READ, 'resourceclaims resourceclaims/status resourceclaimtemplates', 'resource.k8s.io'),
];

const SCHEDULER: readonly Rule[] = [
  EVENTS,
  ...leadership('kube-scheduler'),
  rule(READ, 'nodes'),
  rule('delete get list watch', 'pods'),
  rule('create', 'bindings pods/binding'),
  rule('patch update', 'pods/status'),
  rule(READ, 'replicationcontrollers services'),
  rule(READ, 'replicasets', 'apps extensions'),
  rule(READ, 'statefulsets', 'apps'),
  rule(READ, 'poddisruptionbudgets', 'policy'),
  rule(READ, 'podgroups workloads', 'scheduling.k8s.io'),
  rule('patch update', 'podgroups/status', 'scheduling.k8s.io'),
  rule(READ, 'persistentvolumeclaims persistentvolumes'),
  ...DELEGATION,
  rule(READ, 'csinodes', 'storage.k8s.io'),
  rule(READ, 'namespaces'),
  rule(READ, 'csidrivers', 'storage.k8s.io'),
  rule(READ, 'csistoragecapacities', 'storage.k8s.io'),
  rule(READ, 'deviceclasses resourceclaims resourceslices', 'resource.k8s.io'),
  rule('patch update', 'resourceclaims resourceclaims/status', 'resource.k8s.io'),
];

const CONTROLLER_MANAGER: readonly Rule[] = [
  EVENTS,
  ...leadership('kube-controller-manager'),
  rule('create', 'secrets serviceaccounts'),
  rule('delete', 'secrets'),
  rule('get', 'configmaps namespaces secrets serviceaccounts'),
  rule('update', 'secrets serviceaccounts'),
  ...DELEGATION,
  rule('list watch', '*', '*'),
  rule('create', 'serviceaccounts/token'),
];

/** What `tutti agent` itself reads to lead traffic to services and to answer for names. */
const NODE_NETWORK: readonly Rule[] = [
  rule('list watch', 'endpoints namespaces pods services'),
  rule('list watch', 'endpointslices', 'discovery.k8s.io'),
  rule('get', 'nodes'),
];

export const USER_ROLES: Readonly<Record<string, RoleSpec>> = {
  'cluster-admin': { rules: [rule('*', '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }] },
  admin: { gathers: 'admin' },
  edit: { gathers: 'edit', joins: 'admin' },
  view: { gathers: 'view', joins: 'edit' },
  'system:aggregate-to-admin': {
    joins: 'admin',
    rules: [
      rule('create', 'localsubjectaccessreviews', 'authorization.k8s.io'),
      rule(READ_WRITE, 'rolebindings roles', 'rbac.authorization.k8s.io'),
    ],
  },
  'system:aggregate-to-edit': { joins: 'edit', rules: AGGREGATE_TO_EDIT },
  'system:aggregate-to-view': { joins: 'view', rules: AGGREGATE_TO_VIEW },
  'system:auth-delegator': { rules: DELEGATION },
  'system:basic-user': {
    rules: [
      rule('create', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'authorization.k8s.io'),
      rule('create', 'selfsubjectreviews', 'authentication.k8s.io'),
    ],
  },
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': {
    rules: [rule('create', 'certificatesigningrequests/nodeclient', 'certificates.k8s.io')],
  },
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': {
    rules: [rule('create', 'certificatesigningrequests/selfnodeclient', 'certificates.k8s.io')],
  },
  'system:certificates.k8s.io:kube-apiserver-client-approver': approve('kubernetes.io/kube-apiserver-client'),
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': approve(
    'kubernetes.io/kube-apiserver-client-kubelet',
  ),
  'system:certificates.k8s.io:kubelet-serving-approver': approve('kubernetes.io/kubelet-serving'),
  'system:certificates.k8s.io:legacy-unknown-approver': approve('kubernetes.io/legacy-unknown'),
  'system:discovery': { rules: [paths(`/api /api/* /apis /apis/* /openapi /openapi/* ${PUBLIC}`)] },
  'system:heapster': {
    rules: [rule(READ, 'events namespaces nodes pods'), rule(READ, 'deployments', 'extensions')],
  },
  'system:kube-aggregator': { rules: [rule(READ, 'endpoints services')] },
  'system:kube-controller-manager': { rules: CONTROLLER_MANAGER },
  'system:kube-dns': { rules: [rule('list watch', 'endpoints services')] },
  'system:kube-scheduler': { rules: SCHEDULER },
  'system:kubelet-api-admin': {
    rules: [
      rule(READ, 'nodes'),
      rule('proxy', 'nodes'),
      rule('*', 'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'),
    ],
  },
  'system:monitoring': {
    rules: [paths('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
  },
  'system:node': { rules: NODE_RULES },
  'system:node-bootstrapper': {
    rules: [rule('create get list watch', 'certificatesigningrequests', 'certificates.k8s.io')],
  },
  'system:node-problem-detector': { rules: [rule('get', 'nodes'), rule('patch', 'nodes/status'), EVENTS] },
  'system:node-proxier': {
    rules: [
      rule('list watch', 'endpoints services'),
      rule(READ, 'nodes'),
      EVENTS,
      rule('list watch', 'endpointslices', 'discovery.k8s.io'),
      rule('list watch', 'servicecidrs', 'networking.k8s.io'),
    ],
  },
  'system:persistent-volume-provisioner': {
    rules: [
      rule('create delete get list watch', 'persistentvolumes'),
      rule('get list update watch', 'persistentvolumeclaims'),
      rule(READ, 'storageclasses', 'storage.k8s.io'),
      rule('watch', 'events'),
      EVENTS,
    ],
  },
  'system:public-info-viewer': { rules: [paths(PUBLIC)] },
  'system:service-account-issuer-discovery': {
    rules: [
      paths('/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/'),
    ],
  },
  'system:volume-scheduler': {
    rules: [
      rule('get list patch update watch', 'persistentvolumes'),
      rule(READ, 'storageclasses', 'storage.k8s.io'),
      rule('get list patch update watch', 'persistentvolumeclaims'),
    ],
  },
  'tutti:node-network': { rules: NODE_NETWORK },
  // Whoever sees pods may also ask why they are where they are.
  'tutti:aggregate-to-view': {
    joins: 'view',
    rules: [rule('get list', 'podexplanations', 'explain.tutti.io')],
  },
};
