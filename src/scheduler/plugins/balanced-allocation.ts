/** Prefers nodes whose resources would be used in equal shares (upstream: NodeResourcesBalancedAllocation). */
import type { Plugin } from '../framework/plugin.ts';
import { CPU_AND_MEMORY, podAmounts, resourceScore, type WeightedResource } from './resource-score.ts';
import { balanced } from './resource-strategies.ts';

/** Of `kubescheduler.config.k8s.io/v1` NodeResourcesBalancedAllocationArgs. */
export type BalancedAllocationArgs = { readonly resources?: readonly WeightedResource[] };

export function balancedAllocation({ resources = CPU_AND_MEMORY }: BalancedAllocationArgs = {}): Plugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    score: (pod, state) => {
      const amounts = podAmounts(pod, resources, 'asked');
      // Pods that ask for nothing would all go to the node that happens to be in balance.
      if (amounts === undefined) return undefined;
      return resourceScore({ resources, amounts, counted: 'asked', strategy: balanced }, state);
    },
  };
}
