/** Refuses nodes that lack what the pod requests, and prefers those that keep most free, or least, or as a shape says. */
import type { Pod } from '#api/core/pod';
import { isExtendedResource } from '#api/core/resource-names';
import type { Node } from '#api/types/core-v1';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import type { Candidates, Plugin, PodFilter, Refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { readAmounts } from '../snapshot/node-columns.ts';
import { podShape } from '../snapshot/pod-shape.ts';
import type { ResourceColumns } from '../snapshot/resource-columns.ts';
import { CPU_AND_MEMORY, podAmounts, resourceScore, type WeightedResource } from './resource-score.ts';
import {
  leastAllocated,
  mostAllocated,
  requestedToCapacityRatio,
  type ShapePoint,
  type Strategy,
} from './resource-strategies.ts';

/** Of `kubescheduler.config.k8s.io/v1` NodeResourcesFitArgs. */
export type NodeResourcesFitArgs = {
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: {
    readonly type?: string;
    readonly resources?: readonly WeightedResource[];
    readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePoint[] };
  };
};

export function nodeResourcesFit(args: NodeResourcesFitArgs = {}): Plugin {
  const resources = args.scoringStrategy?.resources ?? CPU_AND_MEMORY;
  const strategy = strategyOf(args, resources);
  const { ignoredResources = [], ignoredResourceGroups = [] } = args;
  const ignores = ignoredResources.length + ignoredResourceGroups.length > 0;
  const counts = (name: string): boolean => !ignores || !isIgnored(name, args);
  return {
    name: 'NodeResourcesFit',
    filter: (pod, state) => fitFilter(wantedBy(pod, counts), state),
    score: (pod, state) => {
      const amounts = podAmounts(pod, resources, 'assumed') ?? resources.map(() => 0);
      return resourceScore({ resources, amounts, counted: 'assumed', strategy }, state);
    },
    wakes: (event, pod) => frees(event, wantedBy(pod, counts)),
  };
}

function strategyOf({ scoringStrategy = {} }: NodeResourcesFitArgs, resources: readonly WeightedResource[]): Strategy {
  const weights = resources.map(({ weight }) => weight);
  switch (scoringStrategy.type ?? 'LeastAllocated') {
    case 'MostAllocated':
      return mostAllocated(weights);
    case 'RequestedToCapacityRatio':
      return requestedToCapacityRatio(weights, scoringStrategy.requestedToCapacityRatio?.shape ?? []);
    default:
      return leastAllocated(weights);
  }
}

function isIgnored(name: string, { ignoredResources = [], ignoredResourceGroups = [] }: NodeResourcesFitArgs): boolean {
  if (!isExtendedResource(name)) return false;
  return ignoredResources.includes(name) || ignoredResourceGroups.includes(name.split('/', 1)[0] ?? '');
}

type Wanted = { readonly name: string; readonly amount: number };

// The order in which upstream checks; the rest follows by name.
const FIRST = ['cpu', 'memory', 'ephemeral-storage'];

function wantedBy({ spec }: Pod, counts: (name: string) => boolean): readonly Wanted[] {
  const { requests } = podShape(spec).demand;
  const wanted: Wanted[] = [];
  const add = (name: string): void => {
    const amount = requests[name] ?? 0;
    if (amount > 0 && counts(name)) wanted.push({ name, amount });
  };
  FIRST.forEach(add);
  Object.keys(requests)
    .filter((name) => !FIRST.includes(name))
    .toSorted()
    .forEach(add);
  return wanted;
}

function fitFilter(wanted: readonly Wanted[], state: ClusterState): PodFilter {
  const { columns } = state;
  const numbers = wanted.map(({ name }) => columns.resources.numberOf(name));
  const amounts = wanted.map(({ amount }) => amount);
  const reasons = (): readonly string[] => ['Too many pods', ...wanted.map(({ name }) => `Insufficient ${name}`)];
  const refusals = new Map<number, Refusal>();
  return {
    offers: () => scarcestOffers(numbers, columns.resources),
    verdict: (slot) => {
      const lacking = allLackOf(slot);
      return lacking === 0 ? undefined : refusalOf(lacking);
    },
    sieve: (slots, count, refuse) => {
      const { resources, podCount, allowedPods } = columns;
      const lacks = (slot: number): void => refuse(slot, refusalOf(allLackOf(slot)));
      let kept = keepRoomy({ slots, count }, { there: allowedPods, taken: podCount, amount: 1 }, lacks);
      for (const [index, number] of numbers.entries()) {
        const amount = amounts[index] as number;
        const there = resources.allocatableColumn(number);
        const taken = resources.requestedColumn(number);
        const hasRoom = (slot: number): boolean =>
          amount <= resources.allocatable(number, slot) - resources.requested(number, slot);
        kept =
          there === undefined || taken === undefined
            ? keepWhere({ slots, count: kept }, hasRoom, lacks)
            : keepRoomy({ slots, count: kept }, { there, taken, amount }, lacks);
      }
      return kept;
    },
  };

  function allLackOf(slot: number): number {
    const { podCount, allowedPods } = columns;
    return lackOf(slot) + ((podCount[slot] as number) + 1 > (allowedPods[slot] as number) ? TOO_MANY : 0);
  }

  /** A power of two for each resource that is short, and `HOPELESS` when some pod that leaves could not help. */
  function lackOf(slot: number): number {
    const { resources } = columns;
    let lacking = 0;
    let isHopeless = false;
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] as number;
      const amount = amounts[index] as number;
      const capacity = resources.allocatable(number, slot);
      if (amount <= capacity - resources.requested(number, slot)) continue;
      lacking += 2 * TOO_MANY * 2 ** index;
      isHopeless ||= amount > capacity;
    }
    return isHopeless ? lacking + HOPELESS : lacking;
  }

  function refusalOf(lacking: number): Refusal {
    const known = refusals.get(lacking);
    if (known !== undefined) return known;
    const made = {
      reasons: reasons().filter((_, index) => Math.floor(lacking / (TOO_MANY * 2 ** index)) % 2 === 1),
      resolvable: lacking % 2 !== HOPELESS,
    };
    refusals.set(lacking, made);
    return made;
  }
}

function scarcestOffers(
  numbers: readonly number[],
  resources: ResourceColumns,
): ReadonlyMap<number, number> | undefined {
  let scarcest: ReadonlyMap<number, number> | undefined;
  for (const number of numbers) {
    const offers = resources.offersOf(number);
    if (offers !== undefined && offers.size < (scarcest?.size ?? Infinity)) scarcest = offers;
  }
  return scarcest;
}

type Stock = { readonly there: Float64Array; readonly taken: Float64Array | Int32Array; readonly amount: number };

/** Moves the slots to the front that have so much left, and returns how many they are. */
function keepRoomy({ slots, count }: Candidates, stock: Stock, lacks: (slot: number) => void): number {
  const { there, taken, amount } = stock;
  let kept = 0;
  for (let index = 0; index < count; index++) {
    const slot = slots[index] as number;
    if (amount <= (there[slot] as number) - (taken[slot] as number)) slots[kept++] = slot;
    else lacks(slot);
  }
  return kept;
}

function keepWhere(
  { slots, count }: Candidates,
  isKept: (slot: number) => boolean,
  otherwise: (slot: number) => void,
): number {
  let kept = 0;
  for (let index = 0; index < count; index++) {
    const slot = slots[index] as number;
    if (isKept(slot)) slots[kept++] = slot;
    else otherwise(slot);
  }
  return kept;
}

const HOPELESS = 1;
const TOO_MANY = 2;

/** Room is made by pods that go or shrink, and by nodes that come or grow. */
function frees(event: ClusterEvent, wanted: readonly Wanted[]): boolean {
  if (event.kind === 'NodeAdded') return canHold(event.node, wanted);
  if (event.kind === 'NodeChanged') return canHold(event.node, wanted) && hasGrown(event, wanted);
  if (event.kind === 'PodChanged' || event.kind === 'OwnChange')
    return wanted.some(({ name }) => requestOf(event.pod, name) < requestOf(event.before, name));
  // The place of a pod that goes counts too: nodes hold only so many.
  return event.kind === 'PodRemoved';
}

function canHold({ status }: Node, wanted: readonly Wanted[]): boolean {
  const amounts = readAmounts(status?.allocatable ?? {});
  return wanted.every(({ name, amount }) => amount <= (amounts[name] ?? 0));
}

function hasGrown(
  { before, node }: Extract<ClusterEvent, { kind: 'NodeChanged' }>,
  wanted: readonly Wanted[],
): boolean {
  const [former, amounts] = [before, node].map(({ status }) => readAmounts(status?.allocatable ?? {}));
  return ['pods', ...wanted.map(({ name }) => name)].some((name) => (amounts?.[name] ?? 0) > (former?.[name] ?? 0));
}

const requestOf = ({ spec }: Pod, name: string): number => podShape(spec).demand.requests[name] ?? 0;
