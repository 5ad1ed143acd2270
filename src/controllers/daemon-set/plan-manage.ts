/** Decides which nodes miss their pod, and which pods have ended, are too many or are where they should not be. */
import { availableInMs, isReady } from '#api/core/pod-state';
import { scaledValue } from '#api/meta/intorstring';
import type { DaemonSet } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { isCurrent, isStaying, type DaemonNode, type DaemonNodes, type DaemonSnapshot } from './plan-nodes.ts';

export type ManagePlan = {
  /** The names of nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** To be replaced, but not at once: what makes them fail may not be over. */
  readonly failed: readonly Pod[];
  readonly succeeded: readonly Pod[];
};

type Draft = { readonly create: string[]; readonly remove: Pod[]; readonly failed: Pod[]; readonly succeeded: Pod[] };

export function planManage(snapshot: DaemonSnapshot, { nodes, lost }: DaemonNodes): ManagePlan {
  const plan: Draft = { create: [], remove: [...lost], failed: [], succeeded: [] };
  for (const node of nodes) {
    if (node.shouldRun && node.pods.length === 0) plan.create.push(node.name);
    else if (!node.mayStay) plan.remove.push(...node.pods.filter(isStaying));
    else planStaying(snapshot, node, plan);
  }
  return plan;
}

function planStaying(snapshot: DaemonSnapshot, node: DaemonNode, plan: Draft): void {
  const staying = node.pods.filter(isStaying);
  const inPhase = (phase: string): readonly Pod[] => staying.filter(({ status }) => status?.phase === phase);
  plan.failed.push(...inPhase('Failed'));
  plan.succeeded.push(...inPhase('Succeeded'));
  const running = staying.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  if (!maySurge(snapshot.set)) plan.remove.push(...running.slice(1));
  else if (running.length > 1) plan.remove.push(...surplus(snapshot, running));
  else if (running.length === 0 && node.shouldRun) plan.create.push(node.name);
}

/** While one pod is added before the other goes, a node has two: an old one that works and a new one that does not yet. */
function surplus({ set, hash, nowMs }: DaemonSnapshot, running: readonly Pod[]): readonly Pod[] {
  const fresh = running.find((pod) => isCurrent(pod, hash));
  const old = running.find((pod) => !isCurrent(pod, hash));
  const others = running.filter((pod) => pod !== fresh && pod !== old);
  if (fresh === undefined || old === undefined) return others;
  const isAvailable = availableInMs(fresh, set.spec.minReadySeconds ?? 0, nowMs) === 0;
  return isReady(old) && !isAvailable ? others : [...others, old];
}

export function maySurge({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  return type === 'RollingUpdate' && (scaledValue(rollingUpdate?.maxSurge ?? 0, 1, 'up') ?? 0) > 0;
}
