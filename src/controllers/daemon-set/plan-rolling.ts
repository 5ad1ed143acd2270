/** Decides which old pods of a daemon set are replaced next: as many as may be gone, or as many as may be added first. */
import { availableInMs } from '#api/core/pod-state';
import { scaledValue } from '#api/meta/intorstring';
import type { Pod } from '#api/types/core-v1';
import { maySurge } from './plan-manage.ts';
import { isCurrent, isStaying, type DaemonNode, type DaemonSnapshot } from './plan-nodes.ts';

export type RollPlan = { readonly create: readonly string[]; readonly remove: readonly Pod[] };

export function planRolling(snapshot: DaemonSnapshot, nodes: readonly DaemonNode[]): RollPlan {
  const { updateStrategy } = snapshot.set.spec;
  if (updateStrategy?.type !== 'RollingUpdate') return { create: [], remove: [] };
  const concerned = nodes.filter(({ shouldRun, pods }) => shouldRun || pods.length > 0);
  const desired = nodes.filter(({ shouldRun }) => shouldRun).length;
  const { maxUnavailable = 1, maxSurge = 0 } = updateStrategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, desired, 'up') ?? 0;
  if (maySurge(snapshot.set)) return planSurge(snapshot, concerned, surge);
  // With neither, nothing could ever move.
  const unavailable = Math.max(desired > 0 ? 1 : 0, scaledValue(maxUnavailable, desired, 'up') ?? 0);
  return { create: [], remove: planReplaced(snapshot, concerned, unavailable) };
}

type NodePods = { readonly fresh: Pod | undefined; readonly old: Pod | undefined };

/** Undefined while the node has more pods than it may: those are dealt with first. */
function podsOf(node: DaemonNode, hash: string): NodePods | undefined {
  const staying = node.pods.filter(isStaying);
  const [fresh, ...moreFresh] = staying.filter((pod) => isCurrent(pod, hash));
  const [old, ...moreOld] = staying.filter((pod) => !isCurrent(pod, hash));
  return moreFresh.length + moreOld.length > 0 ? undefined : { fresh, old };
}

function isAvailable(pod: Pod, { set, nowMs }: DaemonSnapshot): boolean {
  return availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0;
}

/** Old pods that do not work go at once; of the others as many as may be missing. */
function planReplaced(snapshot: DaemonSnapshot, nodes: readonly DaemonNode[], maxUnavailable: number): readonly Pod[] {
  let unavailable = 0;
  const broken: Pod[] = [];
  const working: Pod[] = [];
  for (const node of nodes) {
    const pods = podsOf(node, snapshot.hash);
    const { fresh, old } = pods ?? {};
    if (old !== undefined && fresh === undefined) (isAvailable(old, snapshot) ? working : broken).push(old);
    else if (fresh === undefined || old !== undefined || !isAvailable(fresh, snapshot)) unavailable++;
  }
  return [...broken, ...working.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

/** A new pod is added beside an old one; the old one goes when the new one works. */
function planSurge(snapshot: DaemonSnapshot, nodes: readonly DaemonNode[], maxSurge: number): RollPlan {
  let surging = 0;
  const remove: Pod[] = [];
  const broken: string[] = [];
  const working: string[] = [];
  for (const node of nodes) {
    const pods = podsOf(node, snapshot.hash);
    if (pods === undefined) surging++;
    else if (pods.old === undefined) continue;
    else if (pods.fresh === undefined) {
      if (node.shouldRun) (isAvailable(pods.old, snapshot) ? working : broken).push(node.name);
    } else if (isAvailable(pods.fresh, snapshot)) remove.push(pods.old);
    else surging++;
  }
  return { create: [...broken, ...working.slice(0, Math.max(0, maxSurge - surging))], remove };
}
