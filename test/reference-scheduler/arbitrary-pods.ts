/** Random pods with every term that scheduling reads, small enough for two of them to meet often. */
import fc from 'fast-check';
import type { Container, Pod, PodAffinityTerm, PodSpec, TopologySpreadConstraint } from '#api/types/core-v1';
import type { LabelSelector } from '#api/types/meta-v1';

export const NAMESPACES = ['default', 'red', 'blue'];
export const NODE_NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'];
export const IMAGES: Readonly<Record<string, number>> = {
  'registry/web:1': 700 * 1024 * 1024,
  'registry/db:latest': 300 * 1024 * 1024,
  'registry/tiny:2': 5_000_000,
};
export const HOSTNAME = 'kubernetes.io/hostname';
export const ZONE = 'topology.kubernetes.io/zone';

/** Sometimes nothing. */
export const maybe = <T>(arbitrary: fc.Arbitrary<T>, percent = 50): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: percent, arbitrary }, { weight: 100 - percent, arbitrary: fc.constant(undefined) });

/** Without the fields that chance left out. */
const parts = <T extends object>(record: {
  readonly [K in keyof T]: fc.Arbitrary<T[K] | undefined>;
}): fc.Arbitrary<T> =>
  fc
    .record(record as Record<string, fc.Arbitrary<unknown>>)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T);

export const podLabels: fc.Arbitrary<Readonly<Record<string, string>>> = parts<Record<string, string>>({
  app: maybe(fc.constantFrom('web', 'db'), 85),
  tier: maybe(fc.constantFrom('front', 'back'), 25),
});

const podSelector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ matchLabels: fc.record({ app: fc.constantFrom('web', 'db') }) }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        { key: 'tier', operator: 'In', values: ['front'] },
        { key: 'app', operator: 'NotIn', values: ['web'] },
        { key: 'tier', operator: 'Exists' },
        { key: 'tier', operator: 'DoesNotExist' },
      )
      .map((expression) => ({ matchExpressions: [expression] })),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);

const topologyKey = fc.constantFrom(HOSTNAME, ZONE, 'rack');

const ownNamespaceTerm: fc.Arbitrary<PodAffinityTerm> = parts<PodAffinityTerm>({
  topologyKey,
  labelSelector: maybe(podSelector, 95),
  namespaces: maybe(fc.subarray(NAMESPACES, { minLength: 1 }), 25),
});

const namespaceTerm: fc.Arbitrary<PodAffinityTerm> = parts<PodAffinityTerm>({
  topologyKey,
  labelSelector: podSelector,
  namespaces: maybe(fc.subarray(NAMESPACES, { minLength: 1 }), 12),
  namespaceSelector: fc.constantFrom({}, { matchLabels: { team: 'a' } }, { matchLabels: { team: 'b' } }),
});

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength: 2 });

const weighted = (term: fc.Arbitrary<PodAffinityTerm>) =>
  some(fc.record({ weight: fc.constantFrom(1, 10, 100), podAffinityTerm: term }));

const hard = (term: fc.Arbitrary<PodAffinityTerm>) =>
  fc.record({ requiredDuringSchedulingIgnoredDuringExecution: some(term) });

const soft = (term: fc.Arbitrary<PodAffinityTerm>) =>
  fc.record({ preferredDuringSchedulingIgnoredDuringExecution: weighted(term) });

const nodeTerm = fc.oneof(
  fc
    .constantFrom(
      { key: 'disk', operator: 'In', values: ['ssd'] },
      { key: 'disk', operator: 'NotIn', values: ['ssd'] },
      { key: ZONE, operator: 'In', values: ['a', 'b'] },
      { key: 'cores', operator: 'Gt', values: ['2'] },
      { key: 'cores', operator: 'Lt', values: ['8'] },
      { key: 'disk', operator: 'Exists' },
      { key: 'disk', operator: 'DoesNotExist' },
    )
    .map((expression) => ({ matchExpressions: [expression] })),
  fc.constant({}),
);

const onNode = (values: readonly string[], operator = 'In') => ({
  matchFields: [{ key: 'metadata.name', operator, values }],
});

const constraint = (whenUnsatisfiable: string): fc.Arbitrary<TopologySpreadConstraint> =>
  parts<TopologySpreadConstraint>({
    maxSkew: fc.constantFrom(1, 2, 5),
    topologyKey,
    whenUnsatisfiable: fc.constant(whenUnsatisfiable),
    labelSelector: podSelector,
    minDomains: whenUnsatisfiable === 'DoNotSchedule' ? maybe(fc.constantFrom(1, 2, 4), 25) : fc.constant(undefined),
    nodeAffinityPolicy: maybe(fc.constantFrom('Honor', 'Ignore'), 25),
    nodeTaintsPolicy: maybe(fc.constantFrom('Honor', 'Ignore'), 25),
    matchLabelKeys: maybe(fc.constantFrom(['pod-template-hash'], ['pod-template-hash', 'revision']), 25),
  });

/** What the workloads of upstream's scheduler benchmark are about, one each, and what else there is to look at. */
const TERMS: Readonly<Record<string, fc.Arbitrary<Partial<PodSpec>>>> = {
  basic: fc.constant({}),
  'pod anti-affinity': hard(ownNamespaceTerm).map((podAntiAffinity) => ({ affinity: { podAntiAffinity } })),
  'pod affinity': hard(ownNamespaceTerm).map((podAffinity) => ({ affinity: { podAffinity } })),
  'preferred pod affinity': soft(ownNamespaceTerm).map((podAffinity) => ({ affinity: { podAffinity } })),
  'preferred pod anti-affinity': soft(ownNamespaceTerm).map((podAntiAffinity) => ({ affinity: { podAntiAffinity } })),
  'affinity by namespace labels': hard(namespaceTerm).map((podAffinity) => ({ affinity: { podAffinity } })),
  'anti-affinity by namespace labels': hard(namespaceTerm).map((podAntiAffinity) => ({
    affinity: { podAntiAffinity },
  })),
  'preferred affinity by namespace labels': soft(namespaceTerm).map((podAffinity) => ({ affinity: { podAffinity } })),
  'both kinds of pod affinity': fc
    .tuple(hard(ownNamespaceTerm), soft(ownNamespaceTerm), soft(namespaceTerm))
    .map(([needed, liked, podAntiAffinity]) => ({
      affinity: { podAffinity: { ...needed, ...liked }, podAntiAffinity },
    })),
  'node affinity': some(nodeTerm).map((nodeSelectorTerms) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  })),
  'preferred node affinity': some(fc.record({ weight: fc.constantFrom(1, 30, 100), preference: nodeTerm })).map(
    (liked) => ({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: liked } } }),
  ),
  'node selector': fc.constantFrom({ disk: 'ssd' }, { [ZONE]: 'a' }).map((nodeSelector) => ({ nodeSelector })),
  'one node, as daemon sets ask': fc
    .oneof(
      fc.constantFrom(...NODE_NAMES).map((name) => onNode([name])),
      fc.subarray(NODE_NAMES, { minLength: 1 }).map((names) => onNode(names, 'NotIn')),
    )
    .map((term) => ({
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
      },
      tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }],
    })),
  'hard spreading': some(constraint('DoNotSchedule')).map((topologySpreadConstraints) => ({
    topologySpreadConstraints,
  })),
  'soft spreading': some(constraint('ScheduleAnyway')).map((topologySpreadConstraints) => ({
    topologySpreadConstraints,
  })),
  'hard and soft spreading, by affinity': fc
    .tuple(constraint('DoNotSchedule'), constraint('ScheduleAnyway'), nodeTerm)
    .map(([needed, liked, term]) => ({
      topologySpreadConstraints: [needed, liked],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
      },
    })),
  'more than any node has': fc.constant({ overhead: { cpu: '100', memory: '1Gi' } }),
};

export const WORKLOADS = Object.keys(TERMS);

const tolerations = fc.subarray(
  [
    { key: 'gpu', operator: 'Exists' },
    { key: 'gpu', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
    { key: 'slow', operator: 'Exists', effect: 'PreferNoSchedule' },
    { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
    { operator: 'Exists', effect: 'NoExecute' },
  ],
  { minLength: 0, maxLength: 2 },
);

const requests = parts<Record<string, string>>({
  cpu: maybe(fc.constantFrom('100m', '500m', '1', '2')),
  memory: maybe(fc.constantFrom('256Mi', '1Gi', '2Gi')),
  'example.com/gpu': maybe(fc.constantFrom('1', '2'), 12),
  'ephemeral-storage': maybe(fc.constant('1Gi'), 12),
});

const container: fc.Arbitrary<Container> = parts<Container>({
  name: fc.constant('main'),
  image: fc.constantFrom('registry/web:1', 'registry/db', 'registry/tiny:2', 'other'),
  resources: maybe(fc.record({ requests }), 75),
  ports: maybe(
    some(
      parts<NonNullable<Container['ports']>[number]>({
        containerPort: fc.constant(80),
        hostPort: fc.constantFrom(0, 80, 81),
        hostIP: maybe(fc.constantFrom('127.0.0.1', '10.0.0.1'), 12),
        protocol: maybe(fc.constantFrom('TCP', 'UDP'), 12),
      }),
    ),
    12,
  ),
});

const initContainer = fc
  .tuple(container, fc.boolean())
  .map(([each, sidecar]): Container => (sidecar ? { ...each, restartPolicy: 'Always' } : each));

const common: fc.Arbitrary<Partial<PodSpec>> = parts<Partial<PodSpec>>({
  containers: some(container),
  initContainers: maybe(some(initContainer), 12),
  overhead: maybe(fc.constant({ cpu: '50m' }), 12),
  resources: maybe(fc.constant({ requests: { cpu: '1500m' } }), 12),
  tolerations: maybe(tolerations, 25),
});

/** Who made it: nothing in scheduling but spreading asks. */
const MAKERS = [
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'v1', kind: 'ReplicationController' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  undefined,
];

/** A pod of one of `WORKLOADS`; its name and node are given by whoever uses it. */
export const podOfWorkload: fc.Arbitrary<{ readonly workload: string; readonly pod: Pod }> = fc
  .tuple(
    fc.constantFrom(...WORKLOADS),
    common,
    podLabels,
    fc.constantFrom(...NAMESPACES),
    fc.constantFrom(...MAKERS),
    fc.constantFrom('one', 'two'),
  )
  .chain(([workload, base, labels, namespace, maker, hash]) =>
    TERMS[workload]!.map((terms) => {
      const owner = { ...maker, name: 'web', uid: 'uid-of-maker', controller: true };
      const metadata = {
        name: 'incoming',
        namespace,
        uid: 'uid-of-incoming',
        labels: { ...labels, 'pod-template-hash': hash },
        ...(maker === undefined ? {} : { ownerReferences: [owner] }),
      };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...base, ...terms } };
      return { workload, pod: pod as unknown as Pod };
    }),
  );
