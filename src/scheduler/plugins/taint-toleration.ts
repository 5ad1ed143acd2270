/** Keeps pods off tainted nodes, and prefers nodes with fewer taints that only ask to be avoided. */
import { findUntoleratedTaint, toleratesTaint } from '#api/core/tolerations';
import type { Node, Taint, Toleration } from '#api/types/core-v1';
import { type Plugin, type Refusal, refusalForGood } from '../framework/plugin.ts';
import { flaggedFilter } from './flagged-filter.ts';

const FORBIDDING = ['NoSchedule', 'NoExecute'];

export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: ({ spec: { tolerations } }, state) => {
    const refusals = new Map<string, Refusal>();
    return flaggedFilter(
      () => state.columns.tainted,
      (slot) => {
        const taint = findUntoleratedTaint(state.nodeAt(slot)?.spec.taints, tolerations, FORBIDDING);
        return taint === undefined ? undefined : refusalOf(taint, refusals);
      },
    );
  },
  score: ({ spec: { tolerations = [] } }, state) => {
    const able = tolerations.filter(({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule');
    return {
      kind: 'scaled',
      order: 'less is better',
      score: (slot) => (state.columns.tainted[slot] === 1 ? countAvoided(state.nodeAt(slot)?.spec.taints, able) : 0),
    };
  },
  wakes: (event, pod) => {
    if (event.kind === 'OwnChange') return event.before.spec.tolerations !== event.pod.spec.tolerations;
    if (event.kind === 'NodeAdded') return isOpen(event.node, pod.spec.tolerations);
    return (
      event.kind === 'NodeChanged' &&
      isOpen(event.node, pod.spec.tolerations) &&
      !isOpen(event.before, pod.spec.tolerations)
    );
  },
};

const isOpen = ({ spec }: Node, tolerations: readonly Toleration[] | undefined): boolean =>
  findUntoleratedTaint(spec.taints, tolerations, FORBIDDING) === undefined;

function refusalOf({ key, value = '' }: Taint, known: Map<string, Refusal>): Refusal {
  const text = `node(s) had untolerated taint {${key}: ${value}}`;
  const refusal = known.get(text) ?? refusalForGood(text);
  known.set(text, refusal);
  return refusal;
}

function countAvoided(taints: readonly Taint[] = [], able: readonly Toleration[]): number {
  let count = 0;
  for (const taint of taints)
    if (taint.effect === 'PreferNoSchedule' && !able.some((each) => toleratesTaint(each, taint))) count++;
  return count;
}
