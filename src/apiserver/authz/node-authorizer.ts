/** What a node may do: read what its pods need, write what it reports. What it writes into objects is checked on admission. */
import { exactField, parseFieldSelector } from '#api/meta/field-selector';
import { SelectorError } from '#api/meta/label-selector';
import type * as core from '#api/types/core-v1';
import type { Store } from '#store/store';
import { type Attributes, type Decision, isPathRequest, type ResourceAttributes } from './authorizer.ts';
import { NODE_RULES } from './bootstrap/node-rules.ts';
import { mayReadClaim, mayUseSlice } from './node-devices.ts';
import { nodeNameOf } from './node-identity.ts';
import { referencesOf } from './pod-references.ts';
import { coversResource } from './rules.ts';

const ALLOWED: Decision = Object.freeze({ allowed: true });
const UNKNOWN: Decision = Object.freeze({ allowed: false });
const READ = new Set(['get', 'list', 'watch']);
const LEASE_NAMESPACE = 'kube-node-lease';

const refused = (reason: string): Decision => ({ allowed: false, reason });

type Check = (asked: ResourceAttributes, nodeName: string, store: Store) => Decision;

/** By group, then by resource. */
const CHECKS: ReadonlyMap<string, ReadonlyMap<string, Check>> = new Map([
  [
    '',
    new Map<string, Check>([
      ['secrets', mayReadReferenced],
      ['configmaps', mayReadReferenced],
      ['serviceaccounts', mayAskForToken],
      ['nodes', mayUseNode],
      ['pods', mayUsePod],
    ]),
  ],
  ['coordination.k8s.io', new Map<string, Check>([['leases', mayUseLease]])],
  [
    'resource.k8s.io',
    new Map<string, Check>([
      [
        'resourceclaims',
        (asked, nodeName, store) => mayReadClaim(asked, nodeName, (namespace) => podsOf(store, namespace, nodeName)),
      ],
      [
        'resourceslices',
        (asked, nodeName, store) =>
          mayUseSlice(asked, nodeName, { store, selectsNode: (selector) => selectsNode(selector, nodeName) }),
      ],
    ]),
  ],
]);

/** Undefined for those who are no node. */
export function nodeAuthorizer(store: Store): (attributes: Attributes) => Decision | undefined {
  return (attributes) => {
    const nodeName = nodeNameOf(attributes.user);
    if (nodeName === undefined || isPathRequest(attributes)) return undefined;
    const check = CHECKS.get(attributes.group)?.get(attributes.plural);
    if (check !== undefined) return check(attributes, nodeName, store);
    return NODE_RULES.some((rule) => coversResource(rule, attributes)) ? ALLOWED : UNKNOWN;
  };
}

const unrelated = (nodeName: string): Decision =>
  refused(`no relationship found between node '${nodeName}' and this object`);

function mayReadReferenced(asked: ResourceAttributes, nodeName: string, store: Store): Decision {
  const { verb, subresource, namespace, name = '', plural } = asked;
  if (!READ.has(verb)) return refused('can only read resources of this type');
  if (subresource !== undefined) return refused('cannot read subresource');
  if (namespace === undefined) return refused('can only read namespaced object of this type');
  if (name === '') return refused('No Object name found');
  const kind = plural === 'secrets' ? 'secrets' : 'configmaps';
  const needed = podsOf(store, namespace, nodeName).some(({ spec }) => referencesOf(spec)[kind].has(name));
  return needed ? ALLOWED : unrelated(nodeName);
}

function mayAskForToken(asked: ResourceAttributes, nodeName: string, store: Store): Decision {
  const { verb, subresource, namespace = '', name = '' } = asked;
  if (verb !== 'create' || name === '') return refused('can only create tokens for individual service accounts');
  if (subresource !== 'token') return refused('can only create token subresource of serviceaccount');
  const needed = podsOf(store, namespace, nodeName).some(({ spec }) => spec.serviceAccountName === name);
  return needed ? ALLOWED : unrelated(nodeName);
}

function mayUseLease({ verb, namespace, name }: ResourceAttributes, nodeName: string): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) {
    return refused('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== LEASE_NAMESPACE) {
    return refused(`can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`);
  }
  // Which name a new one gets is checked on admission.
  if (verb !== 'create' && name !== nodeName) {
    return refused('can only access node lease with the same name as the requesting node');
  }
  return ALLOWED;
}

const WRITE_NODE = new Set(['create', 'update', 'patch']);

function mayUseNode({ verb, subresource, name = '' }: ResourceAttributes, nodeName: string): Decision {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : UNKNOWN;
  if (subresource !== undefined) return UNKNOWN;
  if (READ.has(verb)) return mayReadNode(name, nodeName);
  return WRITE_NODE.has(verb) ? ALLOWED : UNKNOWN;
}

function mayReadNode(name: string, nodeName: string): Decision {
  if (name === nodeName) return ALLOWED;
  const what = name === '' ? 'all nodes' : `'${name}'`;
  return refused(`node '${nodeName}' cannot read ${what}, only its own Node object`);
}

function mayUsePod(asked: ResourceAttributes, nodeName: string, store: Store): Decision {
  const { verb, subresource } = asked;
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : UNKNOWN;
  if (subresource === 'eviction') return verb === 'create' ? ALLOWED : UNKNOWN;
  if (subresource !== undefined) return UNKNOWN;
  if (verb === 'create' || verb === 'delete') return ALLOWED;
  return READ.has(verb) ? mayReadPod(asked, nodeName, store) : UNKNOWN;
}

function mayReadPod(asked: ResourceAttributes, nodeName: string, store: Store): Decision {
  const { verb, namespace, name = '', fieldSelector } = asked;
  if (verb !== 'get' && selectsNode(fieldSelector, nodeName)) return ALLOWED;
  if (name === '') return refused('can only list/watch pods with spec.nodeName field selector');
  const pod = store.get(`/core/pods/${namespace ?? ''}/${name}`) as core.Pod | undefined;
  // An agent that asks after a pod that has just been removed must hear that, and learns nothing else.
  return pod === undefined || pod.spec.nodeName === nodeName ? ALLOWED : unrelated(nodeName);
}

function selectsNode(fieldSelector: string | undefined, nodeName: string): boolean {
  if (fieldSelector === undefined) return false;
  try {
    return exactField(parseFieldSelector(fieldSelector), 'spec.nodeName') === nodeName;
  } catch (error) {
    if (error instanceof SelectorError) return false; // told to the client when it is used
    throw error;
  }
}

function podsOf(store: Store, namespace: string, nodeName: string): readonly core.Pod[] {
  const pods = store.list(`/core/pods/${namespace}/`).items as readonly unknown[] as readonly core.Pod[];
  return pods.filter(({ spec }) => spec.nodeName === nodeName);
}
