/** The pods and nodes of upstream's scheduler benchmark, by what its templates say (kubernetes/test/integration/scheduler_perf/templates). */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import type { Unsaved } from '#api/object';

export type Labels = Readonly<Record<string, string>>;
export type PodTemplate = Pick<Unsaved<Pod>, 'metadata' | 'spec'>;

type Affinity = NonNullable<Pod['spec']['affinity']>;
type AffinityTerm = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[0];
type SpreadConstraint = NonNullable<Pod['spec']['topologySpreadConstraints']>[0];

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
/** The one node that some workloads fill. */
export const NAMED_NODE = 'scheduler-perf-node';
/** A class of priority 10. */
export const HIGH_PRIORITY = 'high';
/** What a team's namespaces are known by. */
export const TEAM: Labels = { team: 'devops' };

const NAMESPACES = ['sched-0', 'sched-1'];
const IMAGE = 'registry.k8s.io/pause:3.10';

function template(name: string, spec: Partial<Pod['spec']>, labels: Labels = {}): PodTemplate {
  return { metadata: { name, labels }, spec: { containers: [{ name: 'pause', image: IMAGE }], ...spec } };
}

const asking = (cpu: string, memory = '500Mi'): Pod['spec']['containers'] => [
  {
    name: 'pause',
    image: IMAGE,
    ports: [{ containerPort: 80 }],
    resources: { requests: { cpu, memory }, limits: { cpu, memory } },
  },
];

const usual = { containers: asking('100m') };

const term = (color: string, topologyKey: string, where: Partial<AffinityTerm>): AffinityTerm => ({
  labelSelector: { matchLabels: { color } },
  topologyKey,
  ...where,
});
const inNamespaces = { namespaces: NAMESPACES };
const ofTeam = { namespaceSelector: { matchLabels: TEAM } };

type Side = 'podAffinity' | 'podAntiAffinity';
const required = (side: Side, required: AffinityTerm): Affinity => ({
  [side]: { requiredDuringSchedulingIgnoredDuringExecution: [required] },
});
const preferred = (side: Side, podAffinityTerm: AffinityTerm): Affinity => ({
  [side]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm }] },
});
const colored = (name: string, color: string, affinity: Affinity): PodTemplate =>
  template(name, { ...usual, affinity }, { color });

function spreading(constraint: Omit<SpreadConstraint, 'labelSelector'>, labels: Labels): PodTemplate {
  const topologySpreadConstraints = [{ ...constraint, labelSelector: { matchLabels: labels } }];
  return template('spreading', { ...usual, topologySpreadConstraints }, labels);
}

const onNode = (key: 'matchExpressions' | 'matchFields', label: string, values: readonly string[]): Affinity => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ [key]: [{ key: label, operator: 'In', values }] }],
    },
  },
});

export const PODS = {
  default: template('pod', usual),
  light: template('light', { terminationGracePeriodSeconds: 0 }),
  labelled: template('labelled', {}, { app: 'scheduler-perf' }),
  gated: template('gated', { schedulingGates: [{ name: 'test.k8s.io/hold' }] }),
  gatedWithAffinity: template(
    'gated-affinity',
    {
      schedulingGates: [{ name: 'scheduling-gate-1' }],
      affinity: required('podAffinity', {
        labelSelector: { matchLabels: { app: 'scheduler-perf' } },
        topologyKey: HOSTNAME,
      }),
    },
    { app: 'scheduler-perf' },
  ),
  low: template('low', { terminationGracePeriodSeconds: 0, containers: asking('900m') }),
  high: template('high', { priorityClassName: HIGH_PRIORITY, containers: asking('3') }),
  highAndLarge: template('large', { priorityClassName: HIGH_PRIORITY, containers: asking('9') }),
  daemon: template('daemon', { affinity: onNode('matchFields', 'metadata.name', [NAMED_NODE]) }),
  nodeAffinity: template('node-affinity', {
    ...usual,
    affinity: onNode('matchExpressions', ZONE, ['zone1', 'zone2']),
  }),
  antiAffinity: colored('anti', 'green', required('podAntiAffinity', term('green', HOSTNAME, inNamespaces))),
  green: template('green', usual, { color: 'green' }),
  affinity: colored('affine', 'blue', required('podAffinity', term('blue', ZONE, inNamespaces))),
  preferredAffinity: colored('like', 'red', preferred('podAffinity', term('red', HOSTNAME, inNamespaces))),
  preferredAntiAffinity: colored(
    'dislike',
    'yellow',
    preferred('podAntiAffinity', term('yellow', HOSTNAME, inNamespaces)),
  ),
  teamAntiAffinity: colored('anti', 'green', required('podAntiAffinity', term('green', HOSTNAME, ofTeam))),
  teamAffinity: colored('affine', 'blue', required('podAffinity', term('blue', ZONE, ofTeam))),
  teamPreferredAffinity: colored('like', 'red', preferred('podAffinity', term('red', HOSTNAME, ofTeam))),
  teamPreferredAntiAffinity: colored('dislike', 'green', preferred('podAntiAffinity', term('green', HOSTNAME, ofTeam))),
  spreading: spreading({ maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' }, { color: 'blue' }),
  preferredSpreading: spreading(
    { maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway' },
    { color: 'blue' },
  ),
  inclusionPolicy: spreading(
    {
      maxSkew: 1,
      topologyKey: HOSTNAME,
      whenUnsatisfiable: 'DoNotSchedule',
      nodeAffinityPolicy: 'Honor',
      nodeTaintsPolicy: 'Honor',
    },
    { foo: 'bar' },
  ),
} as const satisfies Record<string, PodTemplate>;

/** A pod that asks for a device which one node has. */
export function podWithDevice(index: number): PodTemplate {
  const amounts = { [`foo.com/bar-${index}`]: '1' };
  const resources = { requests: amounts, limits: amounts };
  return template('device', { containers: [{ name: 'pause', image: IMAGE, resources }] });
}

/** A member of the gang of that name. */
export const podOfGang = (podGroupName: string): PodTemplate =>
  template('member', { ...usual, schedulingGroup: { podGroupName } });

export type NodeShape = {
  readonly name?: string;
  /** One zone each, in turn. */
  readonly zones?: readonly string[];
  readonly taint?: string;
  readonly pods?: number;
  /** Every node has one of a device of its own. */
  readonly withDevice?: boolean;
};

export function aNode(index: number, shape: NodeShape): Unsaved<Node> {
  const { zones = [], taint, pods = 110, withDevice = false } = shape;
  const name = shape.name ?? `${taint === undefined ? '' : 'taint-'}node-${index}`;
  const zone = zones[index % Math.max(1, zones.length)];
  const offered = {
    pods: String(pods),
    cpu: '4',
    memory: '32Gi',
    ...(withDevice ? { [`foo.com/bar-${index}`]: '1' } : {}),
  };
  return {
    metadata: { name, labels: { [HOSTNAME]: name, ...(zone === undefined ? {} : { [ZONE]: zone }) } },
    spec: taint === undefined ? {} : { taints: [{ key: taint, effect: 'NoSchedule' }] },
    status: {
      capacity: offered,
      allocatable: offered,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as Unsaved<Node>;
}
