/** Scores nodes by what of their resources would be in use with the pod on them. */
import type { Pod } from '#api/core/pod';
import type { Candidates, PodScore } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { podShape } from '../snapshot/pod-shape.ts';
import { CPU, MEMORY } from '../snapshot/resource-columns.ts';
import type { Strategy } from './resource-strategies.ts';

export type WeightedResource = { readonly name: string; readonly weight: number };

export const CPU_AND_MEMORY: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** `asked`: what pods request. `assumed`: the same, with stand-ins for containers that request nothing. */
export type Counted = 'asked' | 'assumed';

/** What the pod brings of each resource; undefined when it brings nothing of any. */
export function podAmounts(
  { spec }: Pod,
  resources: readonly WeightedResource[],
  counted: Counted,
): readonly number[] | undefined {
  const { demand, assumed } = podShape(spec);
  const amounts = resources.map(({ name }) => {
    if (counted === 'assumed' && name === 'cpu') return assumed.cpu;
    if (counted === 'assumed' && name === 'memory') return assumed.memory;
    return demand.requests[name] ?? 0;
  });
  return amounts.every((amount) => amount === 0) ? undefined : amounts;
}

export type ResourceScoring = {
  readonly resources: readonly WeightedResource[];
  readonly amounts: readonly number[];
  readonly counted: Counted;
  readonly strategy: Strategy;
};

export function resourceScore(
  { resources, amounts, counted, strategy }: ResourceScoring,
  state: ClusterState,
): PodScore {
  const { columns } = state;
  // What the pod does not ask for has no part in its score, but for what every pod uses.
  const looked = resources.map(({ name }, index) =>
    amounts[index] === 0 && !EVERYWHERE.has(name) ? -1 : columns.resources.numberOf(name),
  );
  const scoresOf = ({ slots, count }: Candidates): Int32Array => {
    if (room.length < count) room = new Int32Array(2 * count);
    const candidates = { slots, count };
    const used = looked.map((resource) => usedColumn(resource, candidates));
    const capacities = looked.map((resource) => allocatableColumn(resource, candidates));
    strategy({ slots, count, amounts, used, capacities }, room);
    return room;
  };
  return {
    kind: 'own',
    score: (slot) => {
      ONE.slots[0] = slot;
      return scoresOf(ONE)[0] as number;
    },
    addScores: (candidates, weight, totals) => {
      const { slots, count } = candidates;
      const scores = scoresOf(candidates);
      for (let index = 0; index < count; index++) {
        const slot = slots[index] as number;
        totals[slot] = (totals[slot] as number) + weight * (scores[index] as number);
      }
    },
  };

  function allocatableColumn(resource: number, candidates: Candidates): Float64Array {
    const at = (slot: number): number => columns.resources.allocatable(resource, slot);
    return columns.resources.allocatableColumn(resource) ?? columnOf(at, candidates);
  }

  function usedColumn(resource: number, candidates: Candidates): Float64Array {
    if (counted === 'assumed' && resource === CPU) return columns.scoreCpu;
    if (counted === 'assumed' && resource === MEMORY) return columns.scoreMemory;
    const at = (slot: number): number => columns.resources.requested(resource, slot);
    return columns.resources.requestedColumn(resource) ?? columnOf(at, candidates);
  }
}

const EVERYWHERE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const ONE = { slots: new Int32Array(1), count: 1 } satisfies Candidates;

/** For the scores of one pod, shared by all. */
let room = new Int32Array(0);

/** Of what few nodes have. */
function columnOf(at: (slot: number) => number, { slots, count }: Candidates): Float64Array {
  let end = 0;
  for (let index = 0; index < count; index++) end = Math.max(end, (slots[index] as number) + 1);
  const column = new Float64Array(end);
  for (let index = 0; index < count; index++) column[slots[index] as number] = at(slots[index] as number);
  return column;
}
