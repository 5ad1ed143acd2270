/** Refuses cordoned nodes, unless the pod tolerates the taint that stands for it. */
import { toleratesTaint } from '#api/core/tolerations';
import { FITS, type FilterPlugin, refusedForGood } from '../framework/plugin.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  wakesOn: ['NodeAdded', 'NodeChanged'],
  filter: ({ spec }, { node }) =>
    node.spec.unschedulable !== true || (spec.tolerations ?? []).some((each) => toleratesTaint(each, CORDONED))
      ? FITS
      : refusedForGood('node(s) were unschedulable'),
};
