/**
 * The workloads of upstream's scheduler benchmark as data: what its performance-config.yaml files say, with the pods a second that
 * its CI holds a release to (`threshold`; 6 cores), and what is to be reached here.
 */
import { NAMED_NODE, type NodeShape, PODS, type PodTemplate, podWithDevice } from './templates.ts';

export type Operation =
  | { readonly do: 'create nodes'; readonly count: number; readonly shape?: NodeShape }
  /** `team`: the namespaces carry the label that terms of some pods select. */
  | { readonly do: 'create namespaces'; readonly names: readonly string[]; readonly team?: true }
  | {
      readonly do: 'create pods';
      readonly count: number;
      readonly pod: PodTemplate | ((index: number) => PodTemplate);
      readonly namespaces?: readonly string[];
      /** Pods that never get a node are not waited for. */
      readonly wait?: false;
      readonly measured?: true;
    }
  /** Gangs of pods, all of them measured. */
  | { readonly do: 'create gangs'; readonly count: number; readonly podsEach: number }
  | { readonly do: 'create service'; readonly namespace: string }
  /** Goes on beside what follows. `replace`: what was made before goes when the next is made. */
  | { readonly do: 'churn'; readonly everyMs: number; readonly make: readonly Churned[]; readonly replace?: true }
  | { readonly do: 'delete pods'; readonly namespace: string; readonly perSecond: number };

export type Churned = 'node' | 'service' | PodTemplate;

export type Workload = {
  readonly name: string;
  /** Pods a second in upstream's CI; none is published for some. */
  readonly upstream?: number;
  readonly target: number;
  readonly operations: readonly Operation[];
};

const ZONE1: NodeShape = { zones: ['zone1'] };
const MOONS: NodeShape = { zones: ['moon-1', 'moon-2', 'moon-3'] };
const SCHED = { do: 'create namespaces', names: ['sched-0', 'sched-1'] } as const;

const nodes = (count: number, shape?: NodeShape): Operation =>
  shape === undefined ? { do: 'create nodes', count } : { do: 'create nodes', count, shape };
const pods = (count: number, pod: PodTemplate, ...namespaces: readonly string[]): Operation => ({
  do: 'create pods',
  count,
  pod,
  ...(namespaces.length === 0 ? {} : { namespaces }),
});
const measured = (
  count: number,
  pod: PodTemplate | ((index: number) => PodTemplate),
  ...namespaces: readonly string[]
): Operation => ({ do: 'create pods', count, pod, measured: true, ...(namespaces.length === 0 ? {} : { namespaces }) });

const basic = (initial: number, count: number, upstream: number): Workload => ({
  name: `basic, ${count.toLocaleString('en')} pods`,
  upstream,
  target: 10_000,
  operations: [nodes(5000), pods(initial, PODS.default), measured(count, PODS.default)],
});

type Row = {
  readonly upstream: number;
  readonly pod: PodTemplate;
  readonly shape?: NodeShape;
  readonly initial: number;
  readonly count: number;
};

const inTwoNamespaces = (name: string, { upstream, pod, shape, initial, count }: Row): Workload => ({
  name,
  upstream,
  target: 5000,
  operations: [nodes(5000, shape), SCHED, pods(initial, pod, 'sched-0'), measured(count, pod, 'sched-1')],
});

/** `initial`: pods in each of a hundred namespaces. */
function acrossNamespaces(name: string, { upstream, pod, shape, initial, count }: Row, nodeCount = 5000): Workload {
  const names = Array.from({ length: 100 }, (_, index) => `init-ns-${index}`);
  return {
    name,
    upstream,
    target: 3000,
    operations: [
      nodes(nodeCount, shape),
      { do: 'create namespaces', names: [...names, 'measure-ns-0'], team: true },
      pods(initial * names.length, pod, ...names),
      measured(count, pod, 'measure-ns-0'),
    ],
  };
}

const spread = (name: string, upstream: number, pod: PodTemplate): Workload => ({
  name,
  upstream,
  target: 5000,
  operations: [nodes(5000, MOONS), pods(5000, PODS.default), measured(5000, pod)],
});

const gangs = (count: number, podsEach: number): Workload => ({
  name: `gangs, ${count.toLocaleString('en')} of ${podsEach.toLocaleString('en')} pods`,
  target: 3000,
  operations: [nodes(5000), { do: 'create gangs', count, podsEach }],
});

export const WORKLOADS: readonly Workload[] = [
  basic(1000, 10_000, 680),
  basic(5000, 50_000, 810),
  inTwoNamespaces('pod anti-affinity', { upstream: 60, pod: PODS.antiAffinity, initial: 1000, count: 2000 }),
  {
    name: 'pods that others keep away',
    upstream: 595,
    target: 5000,
    operations: [nodes(5000), SCHED, pods(1000, PODS.antiAffinity, 'sched-0'), measured(5000, PODS.green, 'sched-1')],
  },
  inTwoNamespaces('pod affinity', { upstream: 35, pod: PODS.affinity, shape: ZONE1, initial: 5000, count: 5000 }),
  inTwoNamespaces('preferred pod affinity', {
    upstream: 90,
    pod: PODS.preferredAffinity,
    initial: 5000,
    count: 5000,
  }),
  inTwoNamespaces('preferred pod anti-affinity', {
    upstream: 90,
    pod: PODS.preferredAntiAffinity,
    initial: 5000,
    count: 5000,
  }),
  {
    name: 'node affinity',
    upstream: 220,
    target: 5000,
    operations: [nodes(5000, ZONE1), pods(5000, PODS.nodeAffinity), measured(10_000, PODS.nodeAffinity)],
  },
  {
    name: 'among pods with affinities',
    upstream: 140,
    target: 5000,
    operations: [
      nodes(5000, ZONE1),
      { do: 'create namespaces', names: ['sched-0'] },
      ...[PODS.default, PODS.affinity, PODS.antiAffinity, PODS.preferredAffinity, PODS.preferredAntiAffinity].map(
        (pod) => pods(2000, pod, 'sched-0'),
      ),
      measured(5000, PODS.default),
    ],
  },
  spread('topology spread', 460, PODS.spreading),
  spread('preferred topology spread', 340, PODS.preferredSpreading),
  {
    name: 'topology spread by default, of a Service',
    upstream: 160,
    target: 5000,
    operations: [
      nodes(5000, MOONS),
      { do: 'create namespaces', names: ['service-ns'] },
      { do: 'create service', namespace: 'service-ns' },
      pods(5000, PODS.default),
      measured(50_000, PODS.labelled, 'service-ns'),
    ],
  },
  {
    name: 'topology spread, node inclusion policies',
    upstream: 270,
    target: 5000,
    operations: [nodes(4000), nodes(1000, { taint: 'foo' }), measured(4000, PODS.inclusionPolicy)],
  },
  acrossNamespaces(
    'pod anti-affinity, namespace selector',
    { upstream: 24, pod: PODS.teamAntiAffinity, initial: 40, count: 2000 },
    6000,
  ),
  acrossNamespaces('preferred pod anti-affinity, namespace selector', {
    upstream: 55,
    pod: PODS.teamPreferredAntiAffinity,
    initial: 40,
    count: 2000,
  }),
  acrossNamespaces('pod affinity, namespace selector', {
    upstream: 35,
    pod: PODS.teamAffinity,
    shape: ZONE1,
    initial: 50,
    count: 2000,
  }),
  acrossNamespaces('preferred pod affinity, namespace selector', {
    upstream: 90,
    pod: PODS.teamPreferredAffinity,
    initial: 50,
    count: 5000,
  }),
  {
    name: 'mixed churn',
    upstream: 710,
    target: 5000,
    operations: [
      nodes(5000),
      { do: 'churn', everyMs: 1000, make: ['node', PODS.highAndLarge, 'service'], replace: true },
      measured(10_000, PODS.default),
    ],
  },
  {
    name: 'beside unschedulable pods',
    upstream: 600,
    target: 5000,
    operations: [
      nodes(5000),
      pods(20_000, PODS.default),
      { do: 'churn', everyMs: 200, make: [PODS.highAndLarge] },
      measured(10_000, PODS.default),
    ],
  },
  {
    name: 'beside preemption',
    upstream: 570,
    target: 5000,
    operations: [
      nodes(5000),
      pods(20_000, PODS.low),
      { do: 'churn', everyMs: 200, make: [PODS.high] },
      measured(5000, PODS.default),
    ],
  },
  {
    name: 'preemption, 1,000 nodes',
    target: 5000,
    operations: [nodes(1000), pods(4000, PODS.low), measured(1000, PODS.high)],
  },
  {
    name: 'gated pods beside deletions, 1 node',
    upstream: 910,
    target: 5000,
    operations: [
      nodes(1, { name: NAMED_NODE, pods: 90_000 }),
      { do: 'create namespaces', names: ['gated', 'deleted', 'measured'] },
      { do: 'create pods', count: 10_000, pod: PODS.gated, namespaces: ['gated'], wait: false },
      pods(20_000, PODS.light, 'deleted'),
      { do: 'delete pods', namespace: 'deleted', perSecond: 50 },
      measured(20_000, PODS.light, 'measured'),
    ],
  },
  {
    name: 'gated pods with affinity, 1 node',
    upstream: 110,
    target: 5000,
    operations: [
      nodes(1, { name: NAMED_NODE, pods: 90_000 }),
      { do: 'create pods', count: 10_000, pod: PODS.gatedWithAffinity, wait: false },
      measured(20_000, PODS.labelled),
    ],
  },
  {
    name: 'daemon set, 15,000 nodes',
    upstream: 1100,
    target: 5000,
    operations: [nodes(1, { name: NAMED_NODE, pods: 90_000 }), nodes(15_000), measured(30_000, PODS.daemon)],
  },
  {
    name: 'extended resources',
    upstream: 180,
    target: 5000,
    operations: [nodes(5000, { withDevice: true }), measured(5000, podWithDevice)],
  },
  gangs(3000, 3),
  gangs(10, 5000),
];

/** The workload with a share of its nodes and pods, for a look that takes little time. */
export const scaled = (workload: Workload, share: number): Workload => ({
  ...workload,
  operations: workload.operations.map((operation) =>
    'count' in operation && operation.count > 1
      ? { ...operation, count: Math.ceil(operation.count * share) }
      : operation,
  ),
});
