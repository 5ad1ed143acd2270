/** The roles and bindings that every cluster has, as objects. */
import type * as rbac from '#api/types/rbac-v1';
import type { Rule } from '../rules.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';
import { named, READ, rule } from './rule-notation.ts';
import { type RoleSpec, USER_ROLES } from './user-roles.ts';

export const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const SYSTEM = 'kube-system';

/** An operator who sets it to `false` keeps what they changed. */
export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

const META = {
  annotations: { [AUTO_UPDATE]: 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
};

type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** A role or a binding before the server has made it an object of its own. */
export type Policy = {
  readonly apiVersion: string;
  readonly kind: 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding';
  readonly metadata: Metadata;
  readonly rules?: readonly Rule[];
  readonly aggregationRule?: rbac.AggregationRule;
  readonly roleRef?: rbac.RoleRef;
  readonly subjects?: readonly rbac.Subject[];
};

const gatheringLabel = (gathering: string): Readonly<Record<string, string>> => ({
  [`${GROUP}/aggregate-to-${gathering}`]: 'true',
});

function clusterRole(name: string, { rules, gathers, joins }: RoleSpec): Policy {
  const labels = { ...META.labels, ...(joins === undefined ? {} : gatheringLabel(joins)) };
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: { ...META, name, labels },
    ...(rules === undefined ? {} : { rules }),
    ...(gathers === undefined
      ? {}
      : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: gatheringLabel(gathers) }] } }),
  };
}

const user = (name: string): rbac.Subject => ({ kind: 'User', apiGroup: GROUP, name });
const group = (name: string): rbac.Subject => ({ kind: 'Group', apiGroup: GROUP, name });
const account = (name: string): rbac.Subject => ({ kind: 'ServiceAccount', name, namespace: SYSTEM });

function clusterBinding(name: string, role: string, subjects: readonly rbac.Subject[]): Policy {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { ...META, name },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects,
  };
}

const EVERYBODY = [group('system:authenticated'), group('system:unauthenticated')];
const NAMED = [group('system:authenticated')];

const USER_BINDINGS: Readonly<Record<string, readonly rbac.Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:monitoring': [group('system:monitoring')],
  'system:discovery': NAMED,
  'system:basic-user': NAMED,
  'system:public-info-viewer': EVERYBODY,
  'system:node-proxier': [user('system:kube-proxy')],
  'tutti:node-network': [user('system:kube-proxy')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  // Nodes have their own authorizer, which this role would only widen.
  'system:node': [],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
};

type Local = { readonly name: string; readonly namespace: string; readonly rules: readonly Rule[] };

const LOCAL_ROLES: readonly (Local & { readonly subjects: readonly rbac.Subject[] })[] = [
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: SYSTEM,
    rules: [named('extension-apiserver-authentication', rule(READ, 'configmaps'))],
    subjects: [],
  },
  {
    name: 'system::leader-locking-kube-controller-manager',
    namespace: SYSTEM,
    rules: [rule('watch', 'configmaps'), named('kube-controller-manager', rule('get update', 'configmaps'))],
    subjects: [user('system:kube-controller-manager'), account('kube-controller-manager')],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    namespace: SYSTEM,
    rules: [rule('watch', 'configmaps'), named('kube-scheduler', rule('get update', 'configmaps'))],
    subjects: [user('system:kube-scheduler'), account('kube-scheduler')],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: SYSTEM,
    rules: [rule(READ, 'secrets')],
    subjects: [account('bootstrap-signer')],
  },
  {
    name: 'system:controller:cloud-provider',
    namespace: SYSTEM,
    rules: [rule('create get list update watch', 'configmaps')],
    subjects: [account('cloud-provider')],
  },
  {
    name: 'system:controller:token-cleaner',
    namespace: SYSTEM,
    rules: [rule('delete get list watch', 'secrets'), rule('create patch update', 'events', 'core events.k8s.io')],
    subjects: [account('token-cleaner')],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-public',
    rules: [
      rule(READ, 'configmaps'),
      named('cluster-info', rule('update', 'configmaps')),
      rule('create patch update', 'events', 'core events.k8s.io'),
    ],
    subjects: [account('bootstrap-signer')],
  },
];

function localRole({ name, namespace, rules }: Local): Policy {
  return { apiVersion: API_VERSION, kind: 'Role', metadata: { ...META, name, namespace }, rules };
}

function localBinding({ name, namespace }: Local, subjects: readonly rbac.Subject[]): Policy {
  return {
    apiVersion: API_VERSION,
    kind: 'RoleBinding',
    metadata: { ...META, name, namespace },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects,
  };
}

const controllerRole = (name: string): string => `system:controller:${name}`;

/** Roles before the bindings that name them. */
export const POLICIES: readonly Policy[] = [
  ...Object.entries(USER_ROLES).map(([name, spec]) => clusterRole(name, spec)),
  ...Object.entries(CONTROLLER_ROLES).map(([name, rules]) => clusterRole(controllerRole(name), { rules })),
  ...LOCAL_ROLES.map(localRole),
  ...Object.entries(USER_BINDINGS).map(([name, subjects]) => clusterBinding(name, name, subjects)),
  ...Object.keys(CONTROLLER_ROLES).map((name) =>
    clusterBinding(controllerRole(name), controllerRole(name), [account(name)]),
  ),
  ...LOCAL_ROLES.filter(({ subjects }) => subjects.length > 0).map((local) => localBinding(local, local.subjects)),
];
