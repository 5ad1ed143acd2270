/** Scores nodes by what of their resources would be in use with the pod on them. */
import type { Pod } from '#api/core/pod';
import type { PodScore } from '../framework/plugin.ts';
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

type Looked = { readonly resource: number; readonly amount: number };

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
  const looked: readonly Looked[] = resources.map(({ name }, index) => ({
    // What the pod does not ask for has no part in its score, but for what every pod uses.
    resource: amounts[index] === 0 && !EVERYWHERE.has(name) ? -1 : columns.resources.numberOf(name),
    amount: amounts[index] ?? 0,
  }));
  const requested = resources.map(() => 0);
  const capacities = resources.map(() => 0);
  return {
    kind: 'own',
    score: (slot) => {
      for (let index = 0; index < looked.length; index++) {
        const { resource, amount } = looked[index] as Looked;
        capacities[index] = columns.resources.allocatable(resource, slot);
        requested[index] = used(resource, slot) + amount;
      }
      return strategy(requested, capacities);
    },
  };

  function used(resource: number, slot: number): number {
    if (counted === 'assumed' && resource === CPU) return columns.scoreCpu[slot] ?? 0;
    if (counted === 'assumed' && resource === MEMORY) return columns.scoreMemory[slot] ?? 0;
    return columns.resources.requested(resource, slot);
  }
}

const EVERYWHERE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
