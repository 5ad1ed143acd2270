/** Counts the nodes of each zone and those of them that are not healthy, as they change. */
import type { Node } from '#api/types/core-v1';
import type { Change } from '#client/informer';
import { readinessOf } from './plan.ts';
import { type EvictionPace, planPaces, type ZoneCount } from './plan-disruption.ts';

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
// Upstream's: what befalls such a node says nothing about its zone.
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

export class Zones {
  readonly #counts = new Map<string, ZoneCount & { readonly members: number }>();
  #paces: ReadonlyMap<string, EvictionPace> = new Map();

  /** Whether this changes at what pace nodes may be driven empty. */
  follow({ before, after }: Change<Node>): boolean {
    if (before !== undefined && after !== undefined && countsAs(before) === countsAs(after)) return false;
    if (before !== undefined) this.#add(before, -1);
    if (after !== undefined) this.#add(after, 1);
    const paces = planPaces(this.#counts);
    const changed = !isSame(paces, this.#paces);
    this.#paces = paces;
    return changed;
  }

  paceOf(node: Node): EvictionPace {
    return this.#paces.get(zoneOf(node)) ?? 'never';
  }

  paces(): ReadonlyMap<string, EvictionPace> {
    return this.#paces;
  }

  #add(node: Node, one: 1 | -1): void {
    const zone = zoneOf(node);
    const known = this.#counts.get(zone) ?? { members: 0, counted: 0, unhealthy: 0 };
    const counted = isExcluded(node) ? 0 : one;
    const unhealthy = readinessOf(node) === 'True' ? 0 : counted;
    const next = {
      members: known.members + one,
      counted: known.counted + counted,
      unhealthy: known.unhealthy + unhealthy,
    };
    if (next.members === 0) this.#counts.delete(zone);
    else this.#counts.set(zone, next);
  }
}

export function zoneOf({ metadata }: Node): string {
  return `${metadata.labels?.[REGION] ?? ''}:${metadata.labels?.[ZONE] ?? ''}`;
}

const isExcluded = ({ metadata }: Node): boolean => metadata.labels?.[EXCLUDED] !== undefined;
const countsAs = (node: Node): string => `${zoneOf(node)}:${readinessOf(node)}:${isExcluded(node)}`;

function isSame(left: ReadonlyMap<string, EvictionPace>, right: ReadonlyMap<string, EvictionPace>): boolean {
  return left.size === right.size && [...left].every(([zone, pace]) => right.get(zone) === pace);
}
