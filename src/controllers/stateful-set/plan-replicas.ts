/** Decides which pods of a stateful set are created and removed next: one after the other in their order, or all at once. */
import { isTerminal } from '#api/core/pod-state';
import type { Pod } from '#api/types/core-v1';
import { isWanted, ordinalOf, replicasOf, startOf, type NewPod } from './plan-identity.ts';
import { isWell, type Replica, type StatefulSnapshot } from './plan-snapshot.ts';
import { planUpdate } from './plan-update.ts';

export type ReplicaPlan = { readonly create: readonly NewPod[]; readonly remove: readonly Pod[] };

type Draft = { readonly create: NewPod[]; readonly remove: Pod[] };

export function planReplicas(snapshot: StatefulSnapshot): ReplicaPlan {
  const { set } = snapshot;
  const plan: Draft = { create: [], remove: [] };
  if (set.metadata.deletionTimestamp !== undefined) return plan;
  const inOrder = set.spec.podManagementPolicy !== 'Parallel';
  const { wanted, surplus } = replicasIn(snapshot);
  for (const replica of wanted) if (planWanted(snapshot, replica, plan) === 'wait' && inOrder) return plan;
  if (!inOrder) plan.remove.push(...surplus.filter(isStaying));
  else if (surplus.length > 0) return { ...plan, remove: planNextSurplus(snapshot, surplus) };
  if (plan.create.length + plan.remove.length > 0) return plan;
  return { create: [], remove: planUpdate(snapshot, wanted) };
}

/** The highest goes; one that is not well goes only when all below it are. */
function planNextSurplus(snapshot: StatefulSnapshot, surplus: readonly Pod[]): readonly Pod[] {
  const [next] = surplus;
  const ailing = surplus.findLast((pod) => !isWell(snapshot, pod));
  if (next === undefined || !isStaying(next)) return [];
  return isWell(snapshot, next) || next === ailing ? [next] : [];
}

const isStaying = ({ metadata }: Pod): boolean => metadata.deletionTimestamp === undefined;

/** Those that are to be in the order in which they start; those that are not in the order in which they go. */
function replicasIn({ set, pods }: StatefulSnapshot): { wanted: readonly Replica[]; surplus: readonly Pod[] } {
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
  const wanted = Array.from({ length: replicasOf(set) }, (_, index): Replica => {
    const ordinal = startOf(set) + index;
    return { ordinal, pod: byOrdinal.get(ordinal) };
  });
  const surplus = [...byOrdinal].filter(([ordinal]) => !isWanted(set, ordinal));
  return { wanted, surplus: surplus.toSorted(([left], [right]) => right - left).map(([, pod]) => pod) };
}

/** In order, nothing else happens while one waits. */
function planWanted(snapshot: StatefulSnapshot, { ordinal, pod }: Replica, plan: Draft): 'wait' | 'go on' {
  if (pod === undefined) {
    plan.create.push({ ordinal, ...revisionFor(snapshot, ordinal) });
    return 'wait';
  }
  if (isTerminal(pod)) {
    if (pod.metadata.deletionTimestamp === undefined) plan.remove.push(pod);
    return 'wait';
  }
  return isWell(snapshot, pod) ? 'go on' : 'wait';
}

function revisionFor({ set, current, update }: StatefulSnapshot, ordinal: number): Omit<NewPod, 'ordinal'> {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  // Without a partition, those not updated yet are the ones that were counted as current.
  const kept = rollingUpdate === undefined ? (set.status?.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  const isKept = type === 'RollingUpdate' && ordinal < startOf(set) + kept;
  const { name, template } = isKept ? current : update;
  return { revision: name, template };
}
