/** Keeps pods off tainted nodes, and prefers nodes with fewer taints that only ask to be avoided. */
import { findUntoleratedTaint, toleratesTaint } from '#api/core/tolerations';
import { FITS, type FilterPlugin, normalizeToMax, refusedForGood, type ScorePlugin } from '../framework/plugin.ts';

export const taintToleration: FilterPlugin = {
  name: 'TaintToleration',
  wakesOn: ['NodeAdded', 'NodeChanged'],
  filter: ({ spec }, { node }) => {
    const taint = findUntoleratedTaint(node.spec.taints, spec.tolerations, ['NoSchedule', 'NoExecute']);
    if (taint === undefined) return FITS;
    return refusedForGood(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  },
};

export const taintTolerationScore: ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  score: ({ spec }, { node }) => {
    const able = (spec.tolerations ?? []).filter(({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule');
    return (node.spec.taints ?? []).filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !able.some((each) => toleratesTaint(each, taint)),
    ).length;
  },
  normalize: (scores) => normalizeToMax(scores, 'less is better'),
};
