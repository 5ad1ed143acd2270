/** What a cluster has become, without names that were drawn, moments, and other things that differ from life to life. */
import type { ApiObject } from '#api/object';
import type { Store } from '#store/store';

type Fields = { readonly [field: string]: unknown };
type Described = ApiObject & { readonly spec?: Fields; readonly status?: Fields };
type Describe = (object: Described) => unknown;

const pickFields = (from: Fields | undefined, ...names: readonly string[]): Fields =>
  Object.fromEntries(
    names.flatMap((name) => (from?.[name] === undefined || from[name] === 0 ? [] : [[name, from[name]]])),
  );

type Condition = { readonly type: string; readonly status: string; readonly reason?: string };
const conditions = ({ status }: Described): readonly string[] =>
  ((status?.['conditions'] ?? []) as readonly Condition[])
    .filter((each) => each.status === 'True')
    .map(({ type }) => type)
    .toSorted();

const imagesOf = (template: unknown): readonly string[] =>
  ((template as { spec?: { containers?: readonly { image?: string }[] } } | undefined)?.spec?.containers ?? []).map(
    ({ image = '' }) => image,
  );

/** Jobs of a cron job are named after their minute. */
const stemOf = (name: string): string => name.replace(/-\d{7,}/, '-<minute>');

function ownerOf({ metadata }: ApiObject): string {
  const [owner] = metadata.ownerReferences ?? [];
  return owner === undefined ? '' : `${owner.kind}/${stemOf(owner.name)}`;
}

function nameOf({ metadata }: ApiObject): string {
  return metadata.generateName === undefined ? stemOf(metadata.name) : `${metadata.generateName}*`;
}

const describePod: Describe = (pod) => {
  const owner = ownerOf(pod);
  const phase = pod.status?.['phase'];
  // How many tries failed is a matter of luck; what counts of them is in the status of the job.
  if (owner.startsWith('Job/') && phase === 'Failed') return undefined;
  return {
    owner,
    phase,
    conditions: conditions(pod),
    images: imagesOf(pod),
    placed: pod.spec?.['nodeName'] !== undefined,
    // A replica set's pods are one like the other; those of other owners are somebody.
    ...(owner.startsWith('ReplicaSet/') || owner.startsWith('Job/') || owner.startsWith('DaemonSet/')
      ? {}
      : { name: nameOf(pod) }),
  };
};

const DESCRIBE: Readonly<Record<string, Describe>> = {
  'core/pods': describePod,
  'core/nodes': (node) => ({
    conditions: conditions(node),
    taints: ((node.spec?.['taints'] ?? []) as readonly { key: string }[]).map(({ key }) => key),
    ...pickFields(node.spec, 'unschedulable'),
  }),
  'apps/deployments': (deployment) => ({
    ...pickFields(deployment.spec, 'replicas'),
    images: imagesOf(deployment.spec?.['template']),
    observed: deployment.status?.['observedGeneration'] === deployment.metadata.generation,
    ...pickFields(
      deployment.status,
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
    ),
    conditions: conditions(deployment),
  }),
  // Which former revisions there are depends on which of them a controller ever saw.
  'apps/replicasets': (set) =>
    set.spec?.['replicas'] === 0
      ? undefined
      : {
          owner: ownerOf(set),
          images: imagesOf(set.spec?.['template']),
          ...pickFields(set.spec, 'replicas'),
          ...pickFields(set.status, 'readyReplicas', 'availableReplicas'),
        },
  'core/replicationcontrollers': (set) => ({
    ...pickFields(set.spec, 'replicas'),
    ...pickFields(set.status, 'replicas', 'readyReplicas'),
  }),
  'apps/statefulsets': (set) => ({
    ...pickFields(set.spec, 'replicas'),
    ...pickFields(set.status, 'replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'),
    updated: set.status?.['currentRevision'] === set.status?.['updateRevision'],
  }),
  'apps/daemonsets': (set) =>
    pickFields(
      set.status,
      'desiredNumberScheduled',
      'currentNumberScheduled',
      'numberReady',
      'updatedNumberScheduled',
      'numberMisscheduled',
      'numberUnavailable',
    ),
  'apps/controllerrevisions': (revision) => ({
    owner: ownerOf(revision),
    ...pickFields(revision as unknown as Fields, 'revision'),
  }),
  'batch/jobs': (job) => ({
    owner: ownerOf(job),
    ...pickFields(job.status, 'succeeded', 'active', 'completedIndexes', 'ready'),
    unsettled: (job.status?.['uncountedTerminatedPods'] as Fields | undefined)?.['succeeded'],
    conditions: conditions(job),
  }),
  'batch/cronjobs': (job) => ({
    active: ((job.status?.['active'] ?? []) as readonly unknown[]).length,
    ...pickFields(job.spec, 'suspend'),
  }),
  'policy/poddisruptionbudgets': (budget) =>
    pickFields(budget.status, 'currentHealthy', 'desiredHealthy', 'expectedPods', 'disruptionsAllowed'),
  'autoscaling/horizontalpodautoscalers': (scaler) => pickFields(scaler.status, 'currentReplicas', 'desiredReplicas'),
  'core/resourcequotas': (quota) => quota.status,
  'core/namespaces': ({ status }) => pickFields(status, 'phase'),
  'core/persistentvolumeclaims': ({ status }) => pickFields(status, 'phase'),
  'core/persistentvolumes': ({ status }) => pickFields(status, 'phase'),
  'core/endpoints': (endpoints) =>
    addressCount((endpoints as unknown as { subsets?: readonly Subset[] }).subsets ?? []),
  'discovery.k8s.io/endpointslices': (slice) => ({
    owner: ownerOf(slice),
    ready: readyCount(slice as unknown as Slice),
  }),
};

type Subset = { readonly addresses?: readonly unknown[]; readonly notReadyAddresses?: readonly unknown[] };
const addressCount = (subsets: readonly Subset[]): Fields => ({
  ready: subsets.flatMap(({ addresses = [] }) => addresses).length,
  notReady: subsets.flatMap(({ notReadyAddresses = [] }) => notReadyAddresses).length,
});

type Slice = { readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] };
const readyCount = ({ endpoints = [] }: Slice): number =>
  endpoints.filter((each) => each.conditions?.ready === true).length;

const LEFT_OUT = new Set(['core/events', 'events.k8s.io/events', 'coordination.k8s.io/leases']);

// Pods say themselves who they are; addresses are drawn.
const NAMELESS = new Set(['core/pods', 'networking.k8s.io/ipaddresses', 'core/persistentvolumes']);

/** One line for each sort of object, with how many there are; in order. */
export function describeState(store: Store): readonly string[] {
  const counts = new Map<string, number>();
  for (const object of store.list('/').items as readonly Described[]) {
    const line = describe(object);
    if (line !== undefined) counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => `${count} x ${line}`).toSorted();
}

function describe(object: Described): string | undefined {
  const [group = '', version] = object.apiVersion.split('/');
  const kind = `${version === undefined ? 'core' : group}/${pluralOf(object.kind)}`;
  if (LEFT_OUT.has(kind)) return undefined;
  const facts = DESCRIBE[kind]?.(object);
  if (facts === undefined && DESCRIBE[kind] !== undefined) return undefined;
  const named = NAMELESS.has(kind) ? '' : nameOf(object);
  const { namespace = '', deletionTimestamp, finalizers = [] } = object.metadata;
  const going = deletionTimestamp === undefined ? '' : ' (being deleted)';
  return `${kind} ${namespace}/${named}${going} ${finalizers.join()} ${JSON.stringify(facts ?? {})}`;
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === 'endpoints') return lower;
  if (lower.endsWith('y')) return `${lower.slice(0, -1)}ies`;
  return lower.endsWith('s') ? `${lower}es` : `${lower}s`;
}
