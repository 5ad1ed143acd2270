/** What scheduling reads from a pod's spec, worked out once for all pods of a template. */
import { heldRequests } from '#api/core/held-resources';
import { podRequests, type ResourceAmounts } from '#api/core/pod-resources';
import type { Pod } from '#api/core/pod';
import { isPodLevelResource } from '#api/core/pod/resources';
import type { Container, PodSpec } from '#api/types/core-v1';
import { type HostPort, hostPorts } from './host-ports.ts';

export type Demand = {
  readonly requests: ResourceAmounts;
  /** With upstream's stand-ins for containers that ask for nothing: what scoring takes a pod on a node to need. */
  readonly scoreCpu: number;
  readonly scoreMemory: number;
};

/** With stand-ins everywhere: what scoring takes a pod to need that has no node yet. */
export type Assumed = { readonly cpu: number; readonly memory: number };

export type PodShape = {
  /** Equal for specs that scheduling cannot tell apart (volumes are looked at apart). */
  readonly number: number;
  /** Equal where they differ only in what they want of other pods. */
  readonly own: number;
  /** One of them. */
  readonly spec: PodSpec;
  readonly demand: Demand;
  readonly assumed: Assumed;
  readonly ports: readonly HostPort[];
};

// Upstream's `DefaultMilliCPURequest` and `DefaultMemoryRequest` (pkg/scheduler/util/pod_resources.go).
const UNASKED_AMOUNTS: Assumed = { cpu: 100, memory: 200 * 1024 * 1024 };
const UNASKED: Unasked = { cpu: `${UNASKED_AMOUNTS.cpu}m`, memory: `${UNASKED_AMOUNTS.memory}` };

type Unasked = Readonly<Record<string, string>>;

const READ_AS_WHOLE = [
  'overhead',
  'resources',
  'nodeSelector',
  'affinity',
  'tolerations',
  'topologySpreadConstraints',
] as const satisfies readonly (keyof PodSpec)[];
const READ = ['initContainers', ...READ_AS_WHOLE] as const;

type Known = { readonly spec: PodSpec; readonly shape: PodShape };

// A spec that only got its node shares everything else with the one before, the list of containers among it.
const knownByContainers = new WeakMap<PodSpec['containers'], Known>();
const shapes = new Map<string, PodShape>();
const ownNumbers = new Map<string, number>();
let shapesMade = 0;
let ownNumbersMade = 0;
const SHAPES_AT_MOST = 10_000;

// Who looks at a pod looks at it several times.
let last: Known | undefined;

export function podShape(spec: PodSpec): PodShape {
  if (last?.spec === spec) return last.shape;
  last = { spec, shape: shapeOf(spec) };
  return last.shape;
}

function shapeOf(spec: PodSpec): PodShape {
  const known = knownByContainers.get(spec.containers);
  if (known !== undefined && READ.every((part) => known.spec[part] === spec[part])) return known.shape;
  const text = shapeText(spec);
  const shape = shapes.get(text) ?? newShape(spec, text);
  knownByContainers.set(spec.containers, { spec, shape });
  return shape;
}

/** What the pod takes of its node now: its shape's demand, but for pods whose resources are being changed. */
export function heldDemand(pod: Pod): Demand {
  const resizes = pod.status?.conditions?.some(({ type }) => type.startsWith('PodResize')) ?? false;
  if (!resizes) return podShape(pod.spec).demand;
  const requests = heldRequests(pod);
  const forScore = heldRequests({ ...pod, spec: allAsking(pod.spec, standIns(pod.spec, requests)) });
  return { requests, scoreCpu: forScore['cpu'] ?? 0, scoreMemory: forScore['memory'] ?? 0 };
}

function newShape(spec: PodSpec, text: string): PodShape {
  const demand = demandOf(spec);
  const shape = {
    number: shapesMade++,
    own: ownNumber(spec, text),
    spec,
    demand,
    assumed: isAskedAsAWhole(spec) ? assumedOf(spec) : { cpu: demand.scoreCpu, memory: demand.scoreMemory },
    ports: hostPorts(spec),
  };
  if (shapes.size >= SHAPES_AT_MOST) shapes.clear();
  shapes.set(text, shape);
  return shape;
}

function demandOf(spec: PodSpec): Demand {
  const requests = podRequests({ spec });
  if (isPlain(spec)) return { requests, ...withStandIns(spec, requests) };
  const forScore = asksForAll(spec) ? requests : podRequests({ spec: allAsking(spec, standIns(spec, requests)) });
  return { requests, scoreCpu: forScore['cpu'] ?? 0, scoreMemory: forScore['memory'] ?? 0 };
}

/** Its containers run beside each other, and each asks for itself: what stands in just adds up. */
const isPlain = ({ initContainers = [], resources }: PodSpec): boolean =>
  initContainers.length === 0 && resources === undefined;

function withStandIns({ containers }: PodSpec, requests: ResourceAmounts): Omit<Demand, 'requests'> {
  let [scoreCpu, scoreMemory] = [requests['cpu'] ?? 0, requests['memory'] ?? 0];
  for (const { resources } of containers) {
    if (resources?.requests?.['cpu'] === undefined) scoreCpu += UNASKED_AMOUNTS.cpu;
    if (resources?.requests?.['memory'] === undefined) scoreMemory += UNASKED_AMOUNTS.memory;
  }
  return { scoreCpu, scoreMemory };
}

function assumedOf(spec: PodSpec): Assumed {
  const { cpu = 0, memory = 0 } = podRequests({ spec: allAsking(spec, UNASKED) });
  return { cpu, memory };
}

/** Nothing stands in for what its containers do not ask for. */
const asksForAll = ({ containers, initContainers = [] }: PodSpec): boolean =>
  [...containers, ...initContainers].every(({ resources: { requests = {} } = {} }) =>
    Object.keys(UNASKED).every((name) => requests[name] !== undefined),
  );

/** A pod that asks for something as a whole needs no more than it asks for of what it asks for at all. */
function standIns(spec: PodSpec, requests: ResourceAmounts): Unasked {
  if (!isAskedAsAWhole(spec)) return UNASKED;
  return Object.fromEntries(Object.entries(UNASKED).filter(([name]) => requests[name] === undefined));
}

const isAskedAsAWhole = ({ resources }: PodSpec): boolean =>
  Object.keys(resources?.requests ?? {}).some(isPodLevelResource);

function allAsking(spec: PodSpec, unasked: Unasked): PodSpec {
  const containers = spec.containers.map((container) => asking(container, unasked));
  const initContainers = spec.initContainers?.map((container) => asking(container, unasked));
  return initContainers === undefined ? { ...spec, containers } : { ...spec, containers, initContainers };
}

function asking(container: Container, unasked: Unasked): Container {
  return {
    ...container,
    resources: { ...container.resources, requests: { ...unasked, ...container.resources?.requests } },
  };
}

/** Images are not among them: they matter only where nodes have them. Parts stand apart by line feeds, which JSON has none of. */
function shapeText(spec: PodSpec): string {
  let text = containersText(spec.containers);
  if (spec.initContainers !== undefined) text += `\ninit${containersText(spec.initContainers)}`;
  for (const name of READ_AS_WHOLE) {
    const part = spec[name];
    if (part !== undefined) text += `\n${name}${JSON.stringify(part)}`;
  }
  return text;
}

function ownNumber(spec: PodSpec, whole: string): number {
  const text = wantsOfOthers(spec) ? shapeText(withoutOthers(spec)) : whole;
  const number = ownNumbers.get(text) ?? ownNumbersMade++;
  if (ownNumbers.size >= SHAPES_AT_MOST) ownNumbers.clear();
  ownNumbers.set(text, number);
  return number;
}

function containersText(containers: readonly Container[]): string {
  let text = '';
  for (const { resources, ports, restartPolicy } of containers) {
    text += `\n${JSON.stringify(resources?.requests) ?? ''}`;
    const ofHost = ports?.filter(({ hostPort = 0 }) => hostPort > 0) ?? [];
    if (ofHost.length > 0) text += `\nports${JSON.stringify(ofHost)}`;
    if (restartPolicy !== undefined) text += `\nrestart${JSON.stringify(restartPolicy)}`;
  }
  return text;
}

const wantsOfOthers = ({ affinity = {}, topologySpreadConstraints }: PodSpec): boolean =>
  topologySpreadConstraints !== undefined ||
  affinity.podAffinity !== undefined ||
  affinity.podAntiAffinity !== undefined;

function withoutOthers({ topologySpreadConstraints: _elsewhere, affinity, ...rest }: PodSpec): PodSpec {
  const nodeAffinity = affinity?.nodeAffinity;
  return nodeAffinity === undefined ? rest : { ...rest, affinity: { nodeAffinity } };
}
