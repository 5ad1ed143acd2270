/** The spread constraints of a pod, its own or a default, with what they stand for worked out. */
import type { Pod } from '#api/core/pod';
import { findUntoleratedTaint } from '#api/core/tolerations';
import { matchesLabels, type Selector, selectorFrom } from '#api/meta/label-selector';
import type { TopologySpreadConstraint } from '#api/types/core-v1';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { namespacedTerm, withOwnLabels } from '../snapshot/pod-term.ts';
import { NO_DOMAIN, type Topology } from '../snapshot/topologies.ts';
import { HeldMatcher } from './held-matchers.ts';
import { hasNodeConditions, wants } from './node-affinity.ts';

/** Of `kubescheduler.config.k8s.io/v1` PodTopologySpreadArgs. */
export type PodTopologySpreadArgs = {
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
  readonly defaultingType?: string;
};

export type SpreadConstraint = {
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly topology: Topology;
  /** 1 when the pod would count itself. */
  readonly self: number;
  readonly matcher: HeldMatcher;
  /** Whether the constraint looks at the node at all. */
  readonly includes: (slot: number) => boolean;
};

export type SpreadConstraints = {
  readonly constraints: readonly SpreadConstraint[];
  /** Nodes that lack one of the topologies' labels are left out. */
  readonly needsAllLabels: boolean;
};

const HOSTNAME = 'kubernetes.io/hostname';
const SOFT = 'ScheduleAnyway';
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: SOFT, maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: SOFT, maxSkew: 5 },
];
const TAINTS_THAT_COUNT = ['NoSchedule', 'NoExecute'];

export const isByNode = ({ topology }: SpreadConstraint): boolean => topology.key === HOSTNAME;

/** Those that forbid (`DoNotSchedule`) or only weigh (`ScheduleAnyway`); undefined when there are none. */
export function spreadConstraints(
  { pod, state }: { readonly pod: Pod; readonly state: ClusterState },
  action: 'DoNotSchedule' | 'ScheduleAnyway',
  args: PodTopologySpreadArgs,
): SpreadConstraints | undefined {
  const own = pod.spec.topologySpreadConstraints ?? [];
  const isSystem = args.defaultingType !== 'List';
  const defaults = isSystem ? SYSTEM_DEFAULTS : (args.defaultConstraints ?? []);
  const wanted = (own.length > 0 ? own : defaults).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  if (wanted.length === 0) return undefined;
  const shared = own.length > 0 ? undefined : state.sources.of(pod);
  if (shared?.nothing === true) return undefined;
  const constraints = wanted.map((constraint) => {
    const { matchLabelKeys = [], labelSelector } = constraint;
    const selector = shared ?? withOwnLabels(selectorFrom(labelSelector), matchLabelKeys, pod.metadata.labels);
    return readConstraint(constraint, selector, { pod, state });
  });
  return { constraints, needsAllLabels: own.length > 0 || !isSystem };
}

function readConstraint(
  { maxSkew, minDomains = 1, topologyKey, nodeAffinityPolicy, nodeTaintsPolicy }: TopologySpreadConstraint,
  selector: Selector,
  { pod, state }: { readonly pod: Pod; readonly state: ClusterState },
): SpreadConstraint {
  const { namespace = '', labels } = pod.metadata;
  const honorsAffinity = nodeAffinityPolicy !== 'Ignore' && hasNodeConditions(pod);
  const honorsTaints = nodeTaintsPolicy === 'Honor';
  return {
    maxSkew,
    minDomains,
    topology: state.topology(topologyKey),
    self: Number(matchesLabels(selector, labels)),
    // A selector that selects everything counts nothing, as upstream has it.
    matcher: new HeldMatcher(
      state,
      selector.requirements.length === 0 ? [] : [namespacedTerm([namespace], selector)],
      'staying',
    ),
    includes: (slot) => {
      const node = state.nodeAt(slot);
      if (node === undefined || (honorsAffinity && !wants(pod, node))) return false;
      return !honorsTaints || !findUntoleratedTaint(node.spec.taints, pod.spec.tolerations, TAINTS_THAT_COUNT);
    },
  };
}

/** Whether the slot's node has the labels of all the topologies. */
export const hasAllLabels = (constraints: readonly SpreadConstraint[], slot: number): boolean =>
  constraints.every(({ topology }) => (topology.domainAt[slot] ?? NO_DOMAIN) !== NO_DOMAIN);
