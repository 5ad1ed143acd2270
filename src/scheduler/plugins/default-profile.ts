/** The plugins of the default scheduler, in the order in which they are asked: the cheapest and most telling first. */
import type { Profile } from '../framework/plugin.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { nodeAffinity, nodeAffinityScore } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { leastAllocated, nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration, taintTolerationScore } from './taint-toleration.ts';

export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  filters: [nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodePorts, nodeResourcesFit],
  scores: [taintTolerationScore, nodeAffinityScore, leastAllocated, balancedAllocation],
};
