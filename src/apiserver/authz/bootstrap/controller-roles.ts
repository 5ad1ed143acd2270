/** What each controller may do, by the service account in `kube-system` that it acts as. */
import type { Rule } from '../rules.ts';
import { EVENTS, named, READ, rule } from './rule-notation.ts';

const OLD_APPS = 'apps extensions';
const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const SLICES = rule('create delete get list update watch', 'endpointslices', 'discovery.k8s.io');
const SIGNERS =
  'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown';
const EVICTION = [
  rule('delete get list patch update watch', 'nodes'),
  rule('patch update', 'nodes/status'),
  rule('patch update', 'pods/status'),
  rule('delete get list watch', 'pods'),
  EVENTS,
];

export const CONTROLLER_ROLES: Readonly<Record<string, readonly Rule[]>> = {
  'attachdetach-controller': [
    rule('list watch', `${CLAIMS} ${VOLUMES}`),
    rule(READ, 'nodes'),
    rule('patch update', 'nodes/status'),
    rule('list watch', 'pods'),
    EVENTS,
    rule('create delete get list watch', 'volumeattachments', 'storage.k8s.io'),
    rule(READ, 'csidrivers csinodes', 'storage.k8s.io'),
  ],
  'certificate-controller': [
    rule('delete get list watch', 'certificatesigningrequests', 'certificates.k8s.io'),
    rule('update', 'certificatesigningrequests/approval certificatesigningrequests/status', 'certificates.k8s.io'),
    named('kubernetes.io/kube-apiserver-client-kubelet', rule('approve', 'signers', 'certificates.k8s.io')),
    named(SIGNERS, rule('sign', 'signers', 'certificates.k8s.io')),
    rule('create', 'subjectaccessreviews', 'authorization.k8s.io'),
    EVENTS,
  ],
  'clusterrole-aggregation-controller': [
    rule('escalate get list patch update watch', 'clusterroles', 'rbac.authorization.k8s.io'),
  ],
  'cronjob-controller': [
    rule('get list update watch', 'cronjobs', 'batch'),
    rule('create delete get list patch update watch', 'jobs', 'batch'),
    rule('update', 'cronjobs/finalizers cronjobs/status', 'batch'),
    rule('delete list watch', 'pods'),
    EVENTS,
  ],
  'daemon-set-controller': [
    rule(READ, 'daemonsets', OLD_APPS),
    rule('update', 'daemonsets/finalizers daemonsets/status', OLD_APPS),
    rule('list watch', 'nodes'),
    rule('create delete list patch watch', 'pods'),
    rule('create', 'pods/binding'),
    rule('create delete get list patch update watch', 'controllerrevisions', 'apps'),
    EVENTS,
  ],
  'deployment-controller': [
    rule('get list update watch', 'deployments', OLD_APPS),
    rule('update', 'deployments/finalizers deployments/status', OLD_APPS),
    rule('create delete get list patch update watch', 'replicasets', OLD_APPS),
    rule('get list update watch', 'pods'),
    EVENTS,
  ],
  'disruption-controller': [
    rule(READ, 'deployments replicasets', OLD_APPS),
    rule(READ, 'replicationcontrollers'),
    rule(READ, 'poddisruptionbudgets', 'policy'),
    rule(READ, 'statefulsets', 'apps'),
    rule('update', 'poddisruptionbudgets/status', 'policy'),
    rule('patch update', 'pods/status'),
    rule('get', '*/scale', '*'),
    EVENTS,
  ],
  'endpoint-controller': [
    rule(READ, 'pods services'),
    rule('create delete get list update watch', 'endpoints'),
    rule('create', 'endpoints/restricted'),
    EVENTS,
  ],
  'endpointslice-controller': [
    rule(READ, 'nodes pods services'),
    rule('update', 'services/finalizers'),
    SLICES,
    EVENTS,
  ],
  'endpointslicemirroring-controller': [
    rule(READ, 'endpoints services'),
    rule('update', 'endpoints/finalizers services/finalizers'),
    SLICES,
    EVENTS,
  ],
  'ephemeral-volume-controller': [
    rule(READ, 'pods'),
    rule('update', 'pods/finalizers'),
    rule('create get list watch', CLAIMS),
    EVENTS,
  ],
  'expand-controller': [
    rule('get list patch update watch', VOLUMES),
    rule('patch update', `${CLAIMS}/status`),
    rule(READ, CLAIMS),
    EVENTS,
    rule('get', 'services'),
  ],
  'generic-garbage-collector': [rule('delete get list patch update watch', '*', '*'), EVENTS],
  'horizontal-pod-autoscaler': [
    rule(READ, 'horizontalpodautoscalers', 'autoscaling'),
    rule('update', 'horizontalpodautoscalers/status', 'autoscaling'),
    rule('get update', '*/scale', '*'),
    rule('list watch', 'customresourcedefinitions', 'apiextensions.k8s.io'), // upstream's asks discovery
    rule('list watch', 'pods'),
    rule('list watch', 'pods', 'metrics.k8s.io'),
    rule(READ, '*', 'custom.metrics.k8s.io'),
    rule(READ, '*', 'external.metrics.k8s.io'),
    EVENTS,
  ],
  'job-controller': [
    rule('get list patch update watch', 'jobs', 'batch'),
    rule('update', 'jobs/finalizers jobs/status', 'batch'),
    rule('create delete list patch watch', 'pods'),
    EVENTS,
  ],
  'legacy-service-account-token-cleaner': [
    named('kube-apiserver-legacy-service-account-token-tracking', rule('get', 'configmaps')),
    rule('delete patch', 'secrets'),
  ],
  'namespace-controller': [
    rule('delete get list watch', 'namespaces'),
    rule('update', 'namespaces/finalize namespaces/status'),
    rule('delete deletecollection get list watch', '*', '*'),
  ],
  'node-controller': EVICTION,
  'persistent-volume-binder': [
    rule('create delete get list update watch', VOLUMES),
    rule('update', `${VOLUMES}/status`),
    rule('get list update watch', CLAIMS),
    rule('update', `${CLAIMS}/status`),
    rule('create delete get list watch', 'pods'),
    rule(READ, 'storageclasses', 'storage.k8s.io'),
    rule('get', 'services'),
    rule('list watch', 'nodes'),
    EVENTS,
    rule('watch', 'events'),
  ],
  'pod-garbage-collector': [rule('delete list watch', 'pods'), rule(READ, 'nodes'), rule('patch', 'pods/status')],
  'pv-protection-controller': [rule('get list update watch', VOLUMES), EVENTS],
  'pvc-protection-controller': [rule('get list update watch', CLAIMS), rule(READ, 'pods'), EVENTS],
  'replicaset-controller': [
    rule('get list update watch', 'replicasets', OLD_APPS),
    rule('update', 'replicasets/finalizers replicasets/status', OLD_APPS),
    rule('create delete list patch watch', 'pods'),
    EVENTS,
  ],
  'replication-controller': [
    rule('get list update watch', 'replicationcontrollers'),
    rule('update', 'replicationcontrollers/finalizers replicationcontrollers/status'),
    rule('create delete list patch watch', 'pods'),
    EVENTS,
  ],
  'resource-claim-controller': [
    rule('get list update watch', 'pods'),
    rule('update', 'pods/finalizers'),
    rule('create delete get list watch', 'resourceclaims', 'resource.k8s.io'),
    rule(READ, 'resourceclaimtemplates', 'resource.k8s.io'),
    rule('create update', 'resourceclaims resourceclaims/status', 'resource.k8s.io'),
    rule('patch update', 'pods/status'),
    EVENTS,
  ],
  'resourcequota-controller': [rule('list watch', '*', '*'), rule('update', 'resourcequotas/status'), EVENTS],
  'root-ca-cert-publisher': [rule('create update', 'configmaps'), EVENTS],
  'route-controller': [rule('list watch', 'nodes'), rule('patch', 'nodes/status'), EVENTS],
  'service-account-controller': [rule('create', 'serviceaccounts'), EVENTS],
  'service-cidrs-controller': [
    rule('get list patch update watch', 'servicecidrs', 'networking.k8s.io'),
    rule('patch update', 'servicecidrs/finalizers servicecidrs/status', 'networking.k8s.io'),
    rule(READ, 'ipaddresses', 'networking.k8s.io'),
    EVENTS,
  ],
  'service-controller': [
    rule(READ, 'services'),
    rule('patch update', 'services/status'),
    rule('list watch', 'nodes'),
    EVENTS,
  ],
  'statefulset-controller': [
    rule('list watch', 'pods'),
    rule(READ, 'statefulsets', 'apps'),
    rule('update', 'statefulsets/finalizers statefulsets/status', 'apps'),
    rule('create delete get patch update', 'pods'),
    rule('create delete get list patch update watch', 'controllerrevisions', 'apps'),
    rule('create get list watch', CLAIMS),
    rule('delete update', CLAIMS),
    rule('update', 'pods/finalizers'),
    EVENTS,
  ],
  'ttl-after-finished-controller': [rule('delete get list watch', 'jobs', 'batch'), EVENTS],
  'ttl-controller': [rule('list patch update watch', 'nodes'), EVENTS],
  'validatingadmissionpolicy-status-controller': [
    rule(READ, 'validatingadmissionpolicies', 'admissionregistration.k8s.io'),
    rule('get patch update', 'validatingadmissionpolicies/status', 'admissionregistration.k8s.io'),
    EVENTS,
  ],
};
