/** Spreads pods of a kind over topology domains (upstream: PodTopologySpread). */
import type { Pod } from '#api/core/pod';
import { selectorFrom, matchesLabels } from '#api/meta/label-selector';
import type { Node } from '#api/types/core-v1';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import type { Plugin } from '../framework/plugin.ts';
import { withOwnLabels } from '../snapshot/pod-term.ts';
import { PodTopologySpreadFilter } from './pod-topology-spread-filter.ts';
import { PodTopologySpreadScore } from './pod-topology-spread-score.ts';
import { type PodTopologySpreadArgs, spreadConstraints } from './spread-constraints.ts';

export function podTopologySpread(args: PodTopologySpreadArgs = {}): Plugin {
  return {
    name: 'PodTopologySpread',
    filter: (pod, state) => {
      const spread = spreadConstraints({ pod, state }, 'DoNotSchedule', args);
      return spread === undefined ? undefined : new PodTopologySpreadFilter(state, spread.constraints);
    },
    score: (pod, state) => {
      const spread = spreadConstraints({ pod, state }, 'ScheduleAnyway', args);
      return spread === undefined ? undefined : new PodTopologySpreadScore(state, spread);
    },
    wakes: canHelp,
  };
}

/** Pods that a constraint counts come, go or change, or nodes get or lose the labels of its topology. */
function canHelp(event: ClusterEvent, pod: Pod): boolean {
  switch (event.kind) {
    case 'PodAdded':
    case 'PodRemoved':
      return isCounted(event.pod, pod);
    case 'PodChanged':
      return isCounted(event.pod, pod) !== isCounted(event.before, pod);
    case 'NodeAdded':
      return hasLabels(event.node, pod);
    case 'NodeChanged':
      return hasLabels(event.node, pod) || hasLabels(event.before, pod);
    case 'OwnChange':
      return true;
    case 'NamespaceChanged':
    case 'StorageChanged':
    case 'StorageFreed':
    case 'DevicesChanged':
      return false;
  }
}

/** A pod without constraints of its own was refused by a default one, which may count any pod of its namespace. */
function isCounted(other: Pod, pod: Pod): boolean {
  if (other.metadata.namespace !== pod.metadata.namespace) return false;
  const { topologySpreadConstraints: own = [] } = pod.spec;
  if (own.length === 0) return true;
  return own.some(({ labelSelector, matchLabelKeys = [] }) => {
    const selector = withOwnLabels(selectorFrom(labelSelector), matchLabelKeys, pod.metadata.labels);
    return matchesLabels(selector, other.metadata.labels) && other.metadata.deletionTimestamp === undefined;
  });
}

const hasLabels = ({ metadata: { labels = {} } }: Node, { spec }: Pod): boolean =>
  (spec.topologySpreadConstraints ?? []).every(({ topologyKey }) => Object.hasOwn(labels, topologyKey));
