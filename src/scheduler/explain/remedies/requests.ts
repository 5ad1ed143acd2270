/** Ways onto nodes that lack what the pod requests: requests that are as low as what is left. */
import { podRequests } from '#api/core/pod-resources';
import type { Pod } from '#api/core/pod';
import { isPodLevelResource } from '#api/core/pod/resources';
import {
  formatQuantity,
  fromMilliUnits,
  fromWholeUnits,
  milliUnits,
  parseQuantity,
  wholeUnits,
} from '#api/meta/quantity';
import type { Container } from '#api/types/core-v1';
import type { ClusterState } from '../../snapshot/cluster-state.ts';
import { type Remedies, withSpec } from '../remedy.ts';

const MEBIBYTE = 1024 * 1024;

export type Shortage = { readonly resource: string; readonly asked: number; readonly free: number };

/** What the pod requests and the node has not left. */
export function shortages(pod: Pod, slot: number, { columns: { resources } }: ClusterState): readonly Shortage[] {
  return Object.entries(podRequests(pod)).flatMap(([resource, asked]) => {
    const number = resources.numberOf(resource);
    const free = resources.allocatable(number, slot) - resources.requested(number, slot);
    return asked > free && asked > 0 ? [{ resource, asked, free: Math.max(0, free) }] : [];
  });
}

export const lowerRequests: Remedies = ({ pod, node, slot, state }) => {
  const short = shortages(pod, slot, state);
  const texts: string[] = [];
  let effort = 0;
  let after = pod;
  for (const shortage of short) {
    const lowered = lowering(after, { ...shortage, free: rounded(shortage) });
    if (lowered === undefined) return [];
    texts.push(lowered.text);
    effort += lowered.effort;
    after = lowered.after;
  }
  if (texts.length === 0) return [];
  const text = `${texts.join(' and ')}, which is what node ${node.metadata.name} has left`;
  return [{ text, effort, pod: asking(after) }];
};

/** Makes pods ask for what another asks for. */
export const asking =
  ({ spec: { containers, initContainers, resources } }: Pod) =>
  (pod: Pod): Pod =>
    withSpec(pod, {
      containers,
      ...(initContainers === undefined ? {} : { initContainers }),
      ...(resources === undefined ? {} : { resources }),
    });

/** Whole mebibytes read better than bytes. */
const rounded = ({ resource, free }: Shortage): number =>
  isBytes(resource) && free > MEBIBYTE ? Math.floor(free / MEBIBYTE) * MEBIBYTE : free;

const isBytes = (resource: string): boolean =>
  resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-');

type Lowering = { readonly text: string; readonly effort: number; readonly after: Pod };

/** The requests of a resource lowered until the whole pod asks for no more than is free. */
export function lowering(pod: Pod, { resource, asked, free }: Shortage): Lowering | undefined {
  const isWhole = pod.spec.resources?.requests?.[resource] !== undefined && isPodLevelResource(resource);
  const after = isWhole ? lowerWhole(pod, { resource, asked, free }) : lowerContainers(pod, resource, free);
  if (after === undefined || (podRequests(after)[resource] ?? 0) > free) return undefined;
  return { text: changesOf(pod, after, resource).join(' and '), effort: effortOf({ resource, asked, free }), after };
}

/** To do without something altogether is another pod, more or less. */
export function effortOf({ resource, asked, free }: Shortage): number {
  if (free > 0) return 2 + 4 * (1 - free / asked);
  return resource.includes('/') ? 9 : 12;
}

function lowerWhole(pod: Pod, { resource, asked, free }: Shortage): Pod | undefined {
  const { resources = {} } = pod.spec;
  const left = read(resources.requests?.[resource], resource) - (asked - free);
  if (left < 0) return undefined;
  return withSpec(pod, {
    resources: { ...resources, requests: { ...resources.requests, [resource]: written(resource, left) } },
  });
}

/** From the container that requests most. */
function lowerContainers(pod: Pod, resource: string, free: number): Pod {
  let changed = pod;
  for (const [side, name] of byRequest(pod, resource)) {
    const over = (podRequests(changed)[resource] ?? 0) - free;
    if (over <= 0) return changed;
    changed = withSpec(changed, {
      [side]: changed.spec[side]?.map((each) => (each.name === name ? lowered(each, resource, over) : each)),
    });
  }
  return changed;
}

type Side = 'containers' | 'initContainers';

function byRequest({ spec }: Pod, resource: string): readonly (readonly [Side, string])[] {
  const all = [
    ...spec.containers.map((each) => ['containers', each] as const),
    ...(spec.initContainers ?? []).map((each) => ['initContainers', each] as const),
  ];
  return all
    .toSorted(([, left], [, right]) => requestOf(right, resource) - requestOf(left, resource))
    .map(([side, { name }]) => [side, name]);
}

const requestOf = ({ resources }: Container, resource: string): number =>
  read(resources?.requests?.[resource], resource);

function lowered(container: Container, resource: string, by: number): Container {
  const { resources = {} } = container;
  const text = written(resource, Math.max(0, requestOf(container, resource) - by));
  // Of what cannot be shared, containers get just what they request.
  const bound = resource.includes('/') || resource.startsWith('hugepages-');
  return {
    ...container,
    resources: {
      ...resources,
      requests: { ...resources.requests, [resource]: text },
      ...(bound && resources.limits !== undefined ? { limits: { ...resources.limits, [resource]: text } } : {}),
    },
  };
}

function changesOf(before: Pod, after: Pod, resource: string): readonly string[] {
  const whole = [before, after].map(({ spec }) => spec.resources?.requests?.[resource]);
  if (whole[0] !== whole[1]) return [`lower the ${resource} request of the pod from ${whole[0]} to ${whole[1]}`];
  const named = ({ spec }: Pod): readonly Container[] => [...spec.containers, ...(spec.initContainers ?? [])];
  const later = named(after);
  return named(before).flatMap(({ name, resources }) => {
    const from = resources?.requests?.[resource];
    const to = later.find((each) => each.name === name)?.resources?.requests?.[resource];
    return from === to ? [] : [`lower the ${resource} request of container ${name} from ${from} to ${to}`];
  });
}

function read(text: string | undefined, resource: string): number {
  if (text === undefined) return 0;
  return resource === 'cpu' ? milliUnits(parseQuantity(text)) : wholeUnits(parseQuantity(text));
}

/** An amount as people write it. */
export function written(resource: string, amount: number): string {
  if (resource === 'cpu') return formatQuantity(fromMilliUnits(amount, 'DecimalSI'));
  return formatQuantity(fromWholeUnits(amount, isBytes(resource) ? 'BinarySI' : 'DecimalSI'));
}
