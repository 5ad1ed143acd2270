/** Decides which pods go first when there are too many: those whose loss costs least. */
import { isReady, readySinceMs } from '#api/core/pod-state';
import { parseTime } from '#api/meta/time';
import type { ContainerStatus, Pod } from '#api/types/core-v1';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

type Ranked = { readonly pod: Pod; readonly neighbours: number };
type Order = (left: Ranked, right: Ranked, nowMs: number) => number;

/**
 * The `count` pods to remove. Pods of `related` (those of the sets with the same owner) make a pod on a crowded node go
 * before one on a node of its own.
 */
export function planVictims(
  pods: readonly Pod[],
  count: number,
  { related, nowMs }: { readonly related: readonly Pod[]; readonly nowMs: number },
): readonly Pod[] {
  if (count >= pods.length) return pods;
  const perNode = new Map<string, number>();
  for (const { spec } of related) perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1);
  const ranked = pods.map((pod): Ranked => ({ pod, neighbours: perNode.get(pod.spec.nodeName ?? '') ?? 0 }));
  return ranked
    .toSorted((left, right) => compare(left, right, nowMs))
    .slice(0, count)
    .map(({ pod }) => pod);
}

function compare(left: Ranked, right: Ranked, nowMs: number): number {
  for (const order of ORDERS) {
    const difference = order(left, right, nowMs);
    if (difference !== 0) return difference;
  }
  return 0;
}

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

const by =
  (value: (ranked: Ranked) => number): Order =>
  (left, right) =>
    value(left) - value(right);

// Upstream's order (`ActivePodsWithRanks`): the first that tells two pods apart decides.
const ORDERS: readonly Order[] = [
  by(({ pod }) => (pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? 0 : 1)),
  by(({ pod }) => PHASES[pod.status?.phase ?? 'Pending'] ?? 0),
  by(({ pod }) => (isReady(pod) ? 1 : 0)),
  by(({ pod }) => deletionCost(pod)),
  by(({ neighbours }) => -neighbours),
  byAge(readySinceMs),
  by(({ pod }) => -restarts(pod.status?.containerStatuses)),
  by(({ pod }) => -restarts(sidecarsOf(pod))),
  byAge(({ metadata }) => parseTime(metadata.creationTimestamp)),
];

/**
 * The younger first, but pods of a like age (by powers of two) in the order of their uids:
 * always taking the youngest would leave one node with all the old ones.
 */
function byAge(sinceMs: (pod: Pod) => number | undefined): Order {
  return (left, right, nowMs) => {
    const [leftMs, rightMs] = [sinceMs(left.pod), sinceMs(right.pod)];
    if (leftMs === undefined || rightMs === undefined || leftMs === rightMs) return 0;
    const difference = magnitude(nowMs - leftMs) - magnitude(nowMs - rightMs);
    if (difference !== 0) return difference;
    return left.pod.metadata.uid < right.pod.metadata.uid ? -1 : 1;
  };
}

function magnitude(ageMs: number): number {
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1;
}

function deletionCost({ metadata }: Pod): number {
  const cost = Number(metadata.annotations?.[DELETION_COST] ?? 0);
  return Number.isInteger(cost) ? cost : 0;
}

/** What runs beside the containers; what ran before them has no more restarts to come. */
function sidecarsOf({ spec, status }: Pod): readonly ContainerStatus[] | undefined {
  const names = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  return status?.initContainerStatuses?.filter(({ name }) => names.has(name));
}

const isSidecar = ({ restartPolicy }: { readonly restartPolicy?: string }): boolean => restartPolicy === 'Always';

function restarts(statuses: readonly ContainerStatus[] | undefined): number {
  return Math.max(0, ...(statuses ?? []).map(({ restartCount }) => restartCount));
}
