/** What the API server itself may do through its own pipeline: make what every cluster begins with, and remove what kinds leave behind. */
import type { UserInfo } from '#api/request';
import type { Attributes, Decision } from './authorizer.ts';
import { isPathRequest } from './authorizer.ts';
import { coversResource, type Rule } from './rules.ts';

export const SERVER: UserInfo = { name: 'system:apiserver', groups: ['system:authenticated'] };

const ENSURE = ['get', 'create', 'update'];

// Fixed, since the roles that could say it are among the first things it makes.
const RULES: readonly Rule[] = [
  { verbs: ENSURE, apiGroups: [''], resources: ['namespaces', 'services', 'endpoints'] },
  { verbs: ENSURE, apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  { verbs: ['create'], apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'] },
  { verbs: ['create'], apiGroups: ['storage.k8s.io'], resources: ['storageclasses'] },
  {
    verbs: ENSURE,
    apiGroups: ['networking.k8s.io'],
    resources: ['servicecidrs', 'servicecidrs/status'],
  },
  {
    verbs: [...ENSURE, 'delete', 'escalate', 'bind'],
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
  },
  // Objects go with the definition of their kind, and what kinds there will be nobody knows.
  { verbs: ['deletecollection'], apiGroups: ['*'], resources: ['*'] },
];

const ALLOWED: Decision = Object.freeze({ allowed: true });

/** Undefined for everybody else. Only the process itself can be this user: no certificate or token names it. */
export function serverAuthorizer(attributes: Attributes): Decision | undefined {
  if (attributes.user !== SERVER || isPathRequest(attributes)) return undefined;
  return RULES.some((rule) => coversResource(rule, attributes)) ? ALLOWED : undefined;
}
