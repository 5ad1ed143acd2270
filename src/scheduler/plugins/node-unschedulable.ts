/** Refuses cordoned nodes, unless the pod tolerates the taint that stands for it. */
import { toleratesTaint } from '#api/core/tolerations';
import { type Plugin, refusalForGood } from '../framework/plugin.ts';
import { flaggedFilter } from './flagged-filter.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const REFUSAL = refusalForGood('node(s) were unschedulable');

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter: ({ spec }, state) =>
    spec.tolerations?.some((each) => toleratesTaint(each, CORDONED)) === true
      ? undefined
      : flaggedFilter(
          () => state.columns.cordoned,
          () => REFUSAL,
        ),
  wakes: (event) =>
    event.kind === 'OwnChange' ||
    (event.kind === 'NodeAdded' && event.node.spec.unschedulable !== true) ||
    (event.kind === 'NodeChanged' &&
      event.before.spec.unschedulable === true &&
      event.node.spec.unschedulable !== true),
};
