/** Decides what is known about a node's health, and which taints follow from it. */
import { findCondition, setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import type { Node, NodeCondition, Taint } from '#api/types/core-v1';

// Agents renew every 10 s. Four missed renewals tell a dead node from a slow one.
const GRACE_MS = 40_000;
// A node that has never reported is given a little longer to start.
const STARTUP_GRACE_MS = 60_000;
export const LEAST_GRACE_MS = Math.min(GRACE_MS, STARTUP_GRACE_MS);

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
const REPORTED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** True, False as the agent says, Unknown when it says nothing. */
export type Readiness = 'True' | 'False' | 'Unknown';

export function readinessOf(node: Node): Readiness {
  const status = findCondition(node.status?.conditions, 'Ready')?.status;
  return status === 'True' || status === 'False' ? status : 'Unknown';
}

/** How long a silent node may stay silent. */
export function graceOf(node: Node): number {
  return findCondition(node.status?.conditions, 'Ready') === undefined ? STARTUP_GRACE_MS : GRACE_MS;
}

/** The conditions of a node that has been silent for too long. */
export function planSilence(node: Node, nowMs: number): readonly NodeCondition[] {
  const now = formatTime(nowMs);
  return REPORTED.reduce<readonly NodeCondition[]>((conditions, type) => {
    const before = findCondition(conditions, type);
    if (before?.status === 'Unknown') return conditions;
    return setCondition(
      conditions,
      before === undefined ? neverReported(node, type, now) : stoppedReporting(before, now),
    );
  }, node.status?.conditions ?? []);
}

function stoppedReporting(before: NodeCondition, now: string): NodeCondition {
  const message = 'Kubelet stopped posting node status.';
  return { ...before, status: 'Unknown', lastTransitionTime: now, reason: 'NodeStatusUnknown', message };
}

function neverReported({ metadata }: Node, type: string, now: string): NodeCondition {
  const message = 'Kubelet never posted node status.';
  const lastHeartbeatTime = metadata.creationTimestamp;
  return {
    type,
    status: 'Unknown',
    lastHeartbeatTime,
    lastTransitionTime: now,
    reason: 'NodeStatusNeverUpdated',
    message,
  };
}

const BY_CONDITION: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
];
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const OURS = new Set([...BY_CONDITION.map(([, , key]) => key), UNSCHEDULABLE]);

/**
 * The node's taints with ours as its conditions call for them, and others' as they are.
 * `evicts` says whether pods may be driven off now: when hardly any node answers, it is we who are cut off.
 */
export function planTaints(
  node: Node,
  { evicts, nowMs }: { readonly evicts: boolean; readonly nowMs: number },
): readonly Taint[] {
  const before = node.spec.taints ?? [];
  const wanted = wantedTaints(node, evicts);
  const kept = before.filter((taint) => !isOurs(taint) || wanted.some((want) => isSame(want, taint)));
  const added = wanted.filter((want) => !before.some((taint) => isSame(want, taint)));
  if (added.length === 0 && kept.length === before.length) return before;
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: formatTime(nowMs) }))];
}

function wantedTaints(node: Node, evicts: boolean): readonly Taint[] {
  const { conditions } = node.status ?? {};
  const keys = BY_CONDITION.filter(([type, status]) => findCondition(conditions, type)?.status === status).map(
    ([, , key]) => key,
  );
  // A node that has not said that it is ready is not.
  if (findCondition(conditions, 'Ready') === undefined) keys.push(NOT_READY);
  if (node.spec.unschedulable === true) keys.push(UNSCHEDULABLE);
  const driving = evicts ? keys.filter((key) => key === NOT_READY || key === UNREACHABLE) : [];
  return [
    ...keys.map((key) => ({ key, effect: 'NoSchedule' })),
    ...driving.map((key) => ({ key, effect: 'NoExecute' })),
  ];
}

function isOurs({ key, effect }: Taint): boolean {
  if (effect === 'NoExecute') return key === NOT_READY || key === UNREACHABLE;
  return effect === 'NoSchedule' && OURS.has(key);
}

const isSame = (left: Taint, right: Taint): boolean => left.key === right.key && left.effect === right.effect;
