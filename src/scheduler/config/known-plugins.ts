/** The plugins there are: at which points each takes part, and what the default profile does with them. */
import type { ExtensionPoint, PluginArgs, PluginEntry } from './types.ts';

const FILTERS: readonly ExtensionPoint[] = ['preFilter', 'filter'];
const SCORES: readonly ExtensionPoint[] = ['preScore', 'score'];

export const PLUGIN_POINTS: ReadonlyMap<string, readonly ExtensionPoint[]> = new Map<string, readonly ExtensionPoint[]>(
  [
    ['SchedulingGates', ['preEnqueue']],
    ['PrioritySort', ['queueSort']],
    ['NodeUnschedulable', ['filter']],
    ['NodeName', ['filter']],
    ['TaintToleration', ['filter', ...SCORES]],
    ['NodeAffinity', [...FILTERS, ...SCORES]],
    ['NodePorts', FILTERS],
    ['NodeResourcesFit', [...FILTERS, ...SCORES]],
    ['VolumeRestrictions', FILTERS],
    ['NodeVolumeLimits', FILTERS],
    ['VolumeBinding', [...FILTERS, ...SCORES, 'reserve', 'preBind']],
    ['VolumeZone', FILTERS],
    ['PodTopologySpread', [...FILTERS, ...SCORES]],
    ['InterPodAffinity', [...FILTERS, ...SCORES]],
    ['DynamicResources', ['preEnqueue', ...FILTERS, 'postFilter', 'reserve', 'preBind']],
    ['GangScheduling', ['preEnqueue']],
    ['DefaultPreemption', ['preEnqueue', 'postFilter']],
    ['NodeResourcesBalancedAllocation', SCORES],
    ['ImageLocality', ['score']],
    ['DefaultBinder', ['bind']],
  ],
);

// Upstream's weights: what pods ask for counts more than what keeps a cluster tidy.
const WEIGHTS: Readonly<Record<string, number>> = {
  TaintToleration: 3,
  NodeAffinity: 2,
  NodeResourcesFit: 1,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
  NodeResourcesBalancedAllocation: 1,
  ImageLocality: 1,
};

export const DEFAULT_PLUGINS: readonly PluginEntry[] = [...PLUGIN_POINTS.keys()].map((name) => {
  const weight = WEIGHTS[name];
  return weight === undefined ? { name } : { name, weight };
});

const CPU_AND_MEMORY = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

export const DEFAULT_ARGS: PluginArgs = {
  DefaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  InterPodAffinity: { hardPodAffinityWeight: 1 },
  NodeAffinity: {},
  NodeResourcesBalancedAllocation: { resources: CPU_AND_MEMORY },
  NodeResourcesFit: { scoringStrategy: { type: 'LeastAllocated', resources: CPU_AND_MEMORY } },
  PodTopologySpread: { defaultingType: 'System' },
  VolumeBinding: { bindTimeoutSeconds: 600 },
};

export const PLUGINS_WITH_ARGS: ReadonlySet<string> = new Set(Object.keys(DEFAULT_ARGS));
