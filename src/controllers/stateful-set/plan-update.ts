/** Decides which pods of a stateful set give way to the new revision: from the highest ordinal down to the partition. */
import { scaledValue } from '#api/meta/intorstring';
import type { Pod } from '#api/types/core-v1';
import { isOf, isWell, type Replica, type StatefulSnapshot } from './plan-snapshot.ts';

export function planUpdate(snapshot: StatefulSnapshot, wanted: readonly Replica[]): readonly Pod[] {
  const { type, rollingUpdate } = snapshot.set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return [];
  const updated = wanted.slice(rollingUpdate?.partition ?? 0).toReversed();
  const { maxUnavailable } = rollingUpdate ?? {};
  if (maxUnavailable === undefined) return planOne(snapshot, updated);
  const allowed = Math.max(1, scaledValue(maxUnavailable, wanted.length, 'down') ?? 1);
  const ailing = wanted.filter(({ pod }) => !isWell(snapshot, pod)).length;
  const old = updated.flatMap(({ pod }) => (pod !== undefined && isOld(snapshot, pod) ? [pod] : []));
  return old.slice(0, Math.max(0, allowed - ailing));
}

/** The first that is old; while one before it is not well, none. */
function planOne(snapshot: StatefulSnapshot, updated: readonly Replica[]): readonly Pod[] {
  for (const { pod } of updated) {
    if (pod !== undefined && isOld(snapshot, pod)) return [pod];
    if (!isWell(snapshot, pod)) return [];
  }
  return [];
}

function isOld({ update }: StatefulSnapshot, pod: Pod): boolean {
  return !isOf(pod, update) && pod.metadata.deletionTimestamp === undefined;
}
