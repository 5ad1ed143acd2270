/** What comes of placing a pod, and the words for it. */
import type { Refusal } from './plugin.ts';

export type Placed = { readonly placed: true; readonly node: string; readonly score: number };

/** Nodes that a plugin refused for the same reasons, each counted at the first plugin that refused it. */
export type RefusalGroup = {
  readonly plugin: string;
  readonly refusal: Refusal;
  readonly count: number;
  /** Names of the nodes; worked out when asked for. */
  nodes(): readonly string[];
};

export type Refused = {
  readonly placed: false;
  readonly nodeCount: number;
  readonly groups: readonly RefusalGroup[];
  /** No node was asked: a plugin refused the pod as such. */
  readonly because?: { readonly plugin: string; readonly text: string; readonly resolvable: boolean };
};

export type Placement = Placed | Refused;

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` as upstream's FitError has it. */
export function explainRefusal({ nodeCount, groups, because }: Refused): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  if (because !== undefined) return `0/${nodeCount} nodes are available: ${because.text}.`;
  const counts = new Map<string, number>();
  for (const { refusal, count } of groups)
    for (const reason of refusal.reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodeCount} nodes are available: ${texts.join(', ')}.`;
}

/** The plugins that refused the pod: an event that none of them waits for cannot help it. */
export function refusingPlugins({ groups, because }: Refused): ReadonlySet<string> {
  return new Set(because === undefined ? groups.map(({ plugin }) => plugin) : [because.plugin]);
}
