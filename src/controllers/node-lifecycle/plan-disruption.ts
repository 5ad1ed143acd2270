/** Decides whether silent nodes lose their pods, zone by zone: the more nodes are silent, the likelier it is the network. */
import type { Node } from '#api/types/core-v1';
import { readinessOf } from './plan.ts';

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
// Upstream's: what befalls such a node says nothing about its zone.
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

// Upstream's figures.
const UNHEALTHY_SHARE = 0.55;
const FEWEST_UNHEALTHY = 3;
const LARGE_CLUSTER = 50;
const NORMAL_INTERVAL_MS = 10_000;
const SLOW_INTERVAL_MS = 100_000;

/**
 * How long after one node of the zone the next may be driven empty. `never`: no further node is, as that would do more harm
 * than good. `lift`: nor is one that was begun with, as it is rather we who are cut off.
 */
export type EvictionPace = number | 'never' | 'lift';

export function zoneOf({ metadata }: Node): string {
  return `${metadata.labels?.[REGION] ?? ''}:${metadata.labels?.[ZONE] ?? ''}`;
}

export function planPaces(nodes: readonly Node[]): ReadonlyMap<string, EvictionPace> {
  const zones = Map.groupBy(nodes.filter(isCounted), zoneOf);
  const states = new Map([...zones].map(([zone, members]) => [zone, stateOf(members)] as const));
  const allDown = states.size > 0 && [...states.values()].every((state) => state === 'full');
  const paces = new Map<string, EvictionPace>(
    [...states].map(([zone, state]) => [zone, allDown ? 'lift' : paceOf(state, zones.get(zone)?.length ?? 0)] as const),
  );
  // Of a zone in which no node counts nothing is known.
  for (const zone of new Set(nodes.map(zoneOf))) if (!paces.has(zone)) paces.set(zone, NORMAL_INTERVAL_MS);
  return paces;
}

function isCounted({ metadata }: Node): boolean {
  return metadata.labels?.[EXCLUDED] === undefined;
}

type State = 'normal' | 'partial' | 'full';

function stateOf(nodes: readonly Node[]): State {
  const unhealthy = nodes.filter((node) => readinessOf(node) !== 'True').length;
  if (unhealthy > 0 && unhealthy === nodes.length) return 'full';
  return unhealthy >= FEWEST_UNHEALTHY && unhealthy / nodes.length >= UNHEALTHY_SHARE ? 'partial' : 'normal';
}

function paceOf(state: State, size: number): EvictionPace {
  if (state !== 'partial') return NORMAL_INTERVAL_MS;
  return size > LARGE_CLUSTER ? SLOW_INTERVAL_MS : 'never';
}
