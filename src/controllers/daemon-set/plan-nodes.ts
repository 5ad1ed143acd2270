/** The nodes as a daemon set sees them: whether each is to have a pod, and which pods it has. */
import { isTerminal } from '#api/core/pod-state';
import type { DaemonSet } from '#api/types/apps-v1';
import type { Node, Pod } from '#api/types/core-v1';
import { REVISION_HASH } from '../history/plan-history.ts';
import { planPlacements, targetNode, type Placement } from './plan-placement.ts';

export type DaemonSnapshot = {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** Those it owns. */
  readonly pods: readonly Pod[];
  /** Of the present template. */
  readonly hash: string;
  readonly nowMs: number;
};

export type DaemonNode = Placement & {
  readonly name: string;
  /** The ones that are placed first, then the older ones. */
  readonly pods: readonly Pod[];
};

export type DaemonNodes = {
  readonly nodes: readonly DaemonNode[];
  /** Made for nodes that are gone. */
  readonly lost: readonly Pod[];
};

export function planNodes({ set, nodes, pods }: DaemonSnapshot): DaemonNodes {
  const byNode = new Map<string, Pod[]>();
  const present = new Set(nodes.map(({ metadata }) => metadata.name));
  const lost: Pod[] = [];
  for (const pod of pods) {
    // It has ended and is going: it is in nobody's way.
    if (isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = targetNode(pod);
    if (node === undefined) continue;
    if (!pod.spec.nodeName && !present.has(node)) lost.push(pod);
    const there = byNode.get(node);
    if (there === undefined) byNode.set(node, [pod]);
    else there.push(pod);
  }
  // Hardly any node has two: to put all pods in order would take longer than all else.
  for (const there of byNode.values()) if (there.length > 1) there.sort(placedThenOlder);
  const placementOn = planPlacements(set);
  return {
    nodes: nodes.map((node) => {
      const { name } = node.metadata;
      return { name, ...placementOn(node), pods: byNode.get(name) ?? [] };
    }),
    lost,
  };
}

function placedThenOlder(left: Pod, right: Pod): number {
  const placed = ({ spec }: Pod): number => (spec.nodeName ? 0 : 1);
  if (placed(left) !== placed(right)) return placed(left) - placed(right);
  const key = ({ metadata }: Pod): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return key(left) < key(right) ? -1 : 1;
}

export const isCurrent = ({ metadata }: Pod, hash: string): boolean => metadata.labels?.[REVISION_HASH] === hash;
export const isStaying = ({ metadata }: Pod): boolean => metadata.deletionTimestamp === undefined;
