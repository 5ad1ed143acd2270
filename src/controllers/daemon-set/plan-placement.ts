/** Decides on which nodes a daemon set has pods, and makes pods that can run there and nowhere else. */
import { matchesNodeSelector } from '#api/core/node-selection';
import { findUntoleratedTaint } from '#api/core/tolerations';
import { hasLabels } from '#api/meta/label-selector';
import type { DaemonSet } from '#api/types/apps-v1';
import type { Affinity, Node, NodeSelectorTerm, Pod, PodSpec, Toleration } from '#api/types/core-v1';

export type Placement = {
  /** The node is to have a pod. */
  readonly shouldRun: boolean;
  /** A pod that is there may stay. */
  readonly mayStay: boolean;
};

/** For one node after the other: what is the same for all is worked out once. */
export function planPlacements({ spec }: DaemonSet): (node: Node) => Placement {
  const pod = spec.template.spec;
  const tolerations = withDaemonTolerations(pod);
  const untolerated = ({ spec: { taints } }: Node, effects: readonly string[]): boolean =>
    findUntoleratedTaint(taints, tolerations, effects) !== undefined;
  return (node) => {
    if (!suits(pod, node)) return { shouldRun: false, mayStay: false };
    if (!untolerated(node, ['NoSchedule', 'NoExecute'])) return { shouldRun: true, mayStay: true };
    return { shouldRun: false, mayStay: !untolerated(node, ['NoExecute']) };
  };
}

function suits({ nodeName, nodeSelector, affinity }: PodSpec, node: Node): boolean {
  if (nodeName && nodeName !== node.metadata.name) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    hasLabels(node.metadata.labels, nodeSelector ?? {}) &&
    (required === undefined || matchesNodeSelector(required, node))
  );
}

const stays = (key: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
});

/** A daemon serves its node in bad times too. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  stays('not-ready', 'NoExecute'),
  stays('unreachable', 'NoExecute'),
  stays('disk-pressure', 'NoSchedule'),
  stays('memory-pressure', 'NoSchedule'),
  stays('pid-pressure', 'NoSchedule'),
  stays('unschedulable', 'NoSchedule'),
];
const ON_HOST_NETWORK = [stays('network-unavailable', 'NoSchedule')];

function withDaemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const added = hostNetwork === true ? [...DAEMON_TOLERATIONS, ...ON_HOST_NETWORK] : DAEMON_TOLERATIONS;
  const isAdded = (own: Toleration): boolean => added.some((each) => isSameToleration(each, own));
  return [...tolerations.filter((own) => !isAdded(own)), ...added];
}

function isSameToleration(left: Toleration, right: Toleration): boolean {
  return (
    left.key === right.key &&
    left.effect === right.effect &&
    left.operator === right.operator &&
    (left.value ?? '') === (right.value ?? '')
  );
}

/** The template's spec for one node: the scheduler finds that node and no other. */
export function specForNode(spec: PodSpec, node: string): PodSpec {
  return { ...spec, affinity: pinned(spec.affinity, node), tolerations: withDaemonTolerations(spec) };
}

function pinned(affinity: Affinity | undefined, node: string): Affinity {
  const matchFields = [{ key: NAME_FIELD, operator: 'In', values: [node] }];
  const required = { nodeSelectorTerms: [{ matchFields }] };
  const { nodeAffinity } = affinity ?? {};
  return {
    ...affinity,
    nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}

const NAME_FIELD = 'metadata.name';

/** The node that the pod is on or made for. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms.map(namedNode).find((name) => name !== undefined);
}

function namedNode({ matchFields = [] }: NodeSelectorTerm): string | undefined {
  const named = matchFields.find(({ key, operator }) => key === NAME_FIELD && operator === 'In');
  return named?.values?.length === 1 ? named.values[0] : undefined;
}
