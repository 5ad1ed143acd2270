/** What the role `system:node` says; the node authorizer narrows it down to what concerns the node. */
import type { Rule } from '../rules.ts';
import { READ, rule } from './rule-notation.ts';

export const NODE_RULES: readonly Rule[] = [
  rule('create', 'tokenreviews', 'authentication.k8s.io'),
  rule('create', 'localsubjectaccessreviews subjectaccessreviews', 'authorization.k8s.io'),
  rule(READ, 'services'),
  rule('create get list watch', 'nodes'),
  rule('patch update', 'nodes/status'),
  rule('patch update', 'nodes'),
  rule('create patch update', 'events', 'core events.k8s.io'),
  rule(READ, 'pods'),
  rule('create delete', 'pods'),
  rule('patch update', 'pods/status'),
  rule('create', 'pods/eviction'),
  rule(READ, 'configmaps secrets'),
  rule('get', 'persistentvolumeclaims'),
  rule('delete get list watch', 'persistentvolumes'),
  rule('get', 'endpoints'),
  rule('create get list watch', 'certificatesigningrequests', 'certificates.k8s.io'),
  rule('create delete get patch update', 'leases', 'coordination.k8s.io'),
  rule('get', 'volumeattachments', 'storage.k8s.io'),
  rule('create', 'serviceaccounts/token'),
  rule('get patch update', 'persistentvolumeclaims/status'),
  rule(READ, 'csidrivers', 'storage.k8s.io'),
  rule('create delete get patch update', 'csinodes', 'storage.k8s.io'),
  rule(READ, 'runtimeclasses', 'node.k8s.io'),
  rule('get', 'resourceclaims', 'resource.k8s.io'),
  rule('create delete deletecollection get list patch update watch', 'resourceslices', 'resource.k8s.io'),
];
