/** Decides which pods nobody will ever end: those of nodes that are gone, those that never had one, and too many ended ones. */
import { isTerminal } from '#api/core/pod-state';
import { findCondition } from '#api/meta/conditions';
import type { Node, Pod } from '#api/types/core-v1';

// As upstream: more ended pods than this are more than anyone reads.
export const TERMINATED_LIMIT = 12_500;
// A node that is missing may be one that is just being registered again.
export const QUARANTINE_MS = 40_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export type Lost = 'orphaned' | 'unscheduled' | 'out-of-service';

/** Why nobody is going to end the pod; undefined when somebody is. */
export function planLoss(pod: Pod, node: Node | undefined): Lost | undefined {
  const ending = pod.metadata.deletionTimestamp !== undefined;
  if (pod.spec.nodeName === undefined || pod.spec.nodeName === '') return ending ? 'unscheduled' : undefined;
  if (node === undefined) return 'orphaned';
  return ending && isOutOfService(node) ? 'out-of-service' : undefined;
}

/** The ended pods beyond the limit: those evicted first, then the oldest. */
export function planSurplus(ended: readonly Pod[], limit: number): readonly Pod[] {
  if (ended.length <= limit) return [];
  return ended
    .filter(isTerminal)
    .toSorted((left, right) => rank(left) - rank(right) || byCreation(left, right))
    .slice(0, ended.length - limit);
}

function rank({ status }: Pod): number {
  return status?.reason === 'Evicted' ? 0 : 1;
}

function byCreation({ metadata: left }: Pod, { metadata: right }: Pod): number {
  if (left.creationTimestamp !== right.creationTimestamp)
    return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  return left.name < right.name ? -1 : Number(left.name > right.name);
}

function isOutOfService({ spec, status }: Node): boolean {
  if (findCondition(status?.conditions, 'Ready')?.status === 'True') return false;
  return spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false;
}
