/** The rights that hold before any role is granted: administrators, nodes, components, and what anybody may ask. */
import {
  type Attributes,
  type Authorizer,
  type Decision,
  isPathRequest,
  type ResourceAttributes,
} from './authorizer.ts';

type Rule = {
  readonly verbs: readonly string[];
  /** `group/plural` or `group/plural/subresource`. */
  readonly resources: readonly string[];
};

const READ = ['get', 'list', 'watch'];
const ALLOWED: Decision = { allowed: true };
const REFUSED: Decision = { allowed: false };

// Anybody may know whether the server is well and which version it is.
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)\/?$/;
// Everybody with a name may find out what the server offers.
const DISCOVERY_PATHS = /^\/(api|apis|openapi)(\/|$)|^\/(healthz|livez|readyz|version)(\/|$)/;

// The parts of the control plane, by the names that their certificates carry on other machines.
const COMPONENTS = new Set([
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-scheduler',
  'system:kube-proxy',
]);

const SELF_REVIEWS: Rule = {
  verbs: ['create'],
  resources: [
    'authorization.k8s.io/selfsubjectaccessreviews',
    'authorization.k8s.io/selfsubjectrulesreviews',
    'authentication.k8s.io/selfsubjectreviews',
  ],
};

const NODE_RULES: readonly Rule[] = [
  { verbs: ['create', 'get', 'list', 'watch', 'update', 'patch'], resources: ['/nodes', '/nodes/status'] },
  { verbs: [...READ, 'create', 'delete'], resources: ['/pods'] },
  { verbs: ['get', 'update', 'patch'], resources: ['/pods/status'] },
  { verbs: ['create'], resources: ['/pods/eviction', '/serviceaccounts/token'] },
  { verbs: READ, resources: ['/configmaps', '/secrets', '/services', '/endpoints', '/namespaces', '/serviceaccounts'] },
  { verbs: READ, resources: ['discovery.k8s.io/endpointslices'] },
  { verbs: ['create', 'update', 'patch'], resources: ['/events', 'events.k8s.io/events'] },
  {
    verbs: ['create', 'get', 'list', 'watch', 'update', 'patch', 'delete'],
    resources: ['coordination.k8s.io/leases'],
  },
];

const RULES_BY_GROUP: Readonly<Record<string, readonly Rule[]>> = {
  'system:nodes': NODE_RULES,
  'system:authenticated': [SELF_REVIEWS],
};

/** Decides by a fixed table. A role-based authorizer takes its place beside it, not inside. */
export const builtInAuthorizer: Authorizer = (attributes) => (isAllowed(attributes) ? ALLOWED : REFUSED);

function isAllowed(attributes: Attributes): boolean {
  const { name, groups } = attributes.user;
  if (COMPONENTS.has(name) || groups.includes('system:masters')) return true;
  if (isPathRequest(attributes)) {
    const { path, verb } = attributes;
    if (verb !== 'get' && verb !== 'head') return false;
    return PUBLIC_PATHS.test(path) || (groups.includes('system:authenticated') && DISCOVERY_PATHS.test(path));
  }
  return groups.some((group) => rulesOf(group).some((rule) => allows(rule, attributes)));
}

function rulesOf(group: string): readonly Rule[] {
  return Object.hasOwn(RULES_BY_GROUP, group) ? (RULES_BY_GROUP[group] ?? []) : [];
}

function allows({ verbs, resources }: Rule, { verb, group, plural, subresource }: ResourceAttributes): boolean {
  const resource = `${group}/${plural}${subresource === undefined ? '' : `/${subresource}`}`;
  return verbs.includes(verb) && resources.includes(resource);
}
