/** Keeps pods on nodes whose labels they select, and prefers those they would like. */
import { matchesNodeSelector, matchesNodeSelectorTerm } from '#api/core/node-selection';
import { hasLabels } from '#api/meta/label-selector';
import { FITS, type FilterPlugin, normalizeToMax, refusedForGood, type ScorePlugin } from '../framework/plugin.ts';

export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  wakesOn: ['NodeAdded', 'NodeChanged'],
  filter: ({ spec }, { node }) => {
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const fits =
      hasLabels(node.metadata.labels, spec.nodeSelector ?? {}) &&
      (required === undefined || matchesNodeSelector(required, node));
    return fits ? FITS : refusedForGood("node(s) didn't match Pod's node affinity/selector");
  },
};

export const nodeAffinityScore: ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  score: ({ spec }, { node }) =>
    (spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      .filter(({ preference }) => matchesNodeSelectorTerm(preference, node))
      .reduce((sum, { weight }) => sum + weight, 0),
  normalize: (scores) => normalizeToMax(scores, 'more is better'),
};
