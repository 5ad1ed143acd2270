/** Decides whether silent nodes lose their pods, zone by zone: the more nodes are silent, the likelier it is the network. */

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

/** Of the nodes that say something about their zone. */
export type ZoneCount = { readonly counted: number; readonly unhealthy: number };

export function planPaces(zones: ReadonlyMap<string, ZoneCount>): ReadonlyMap<string, EvictionPace> {
  const states = [...zones].map(([zone, count]) => [zone, stateOf(count)] as const);
  const known = states.filter(([, state]) => state !== 'unknown');
  const allDown = known.length > 0 && known.every(([, state]) => state === 'full');
  return new Map(
    states.map(([zone, state]) => [
      zone,
      allDown && state !== 'unknown' ? 'lift' : paceOf(state, zones.get(zone)?.counted ?? 0),
    ]),
  );
}

type State = 'normal' | 'partial' | 'full' | 'unknown';

function stateOf({ counted, unhealthy }: ZoneCount): State {
  if (counted === 0) return 'unknown';
  if (unhealthy === counted) return 'full';
  return unhealthy >= FEWEST_UNHEALTHY && unhealthy / counted >= UNHEALTHY_SHARE ? 'partial' : 'normal';
}

function paceOf(state: State, size: number): EvictionPace {
  if (state !== 'partial') return NORMAL_INTERVAL_MS;
  return size > LARGE_CLUSTER ? SLOW_INTERVAL_MS : 'never';
}
