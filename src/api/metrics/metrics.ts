/** The measured load of pods and nodes (`metrics.k8s.io`): computed when asked for, never stored. */
import type { ResourceType } from '../resource.ts';
import type * as metrics from '../types/metrics-v1beta1.ts';

export type PodMetrics = metrics.PodMetrics;
export type NodeMetrics = metrics.NodeMetrics;

const GROUP = { group: 'metrics.k8s.io', version: 'v1beta1', apiVersion: 'metrics.k8s.io/v1beta1' };

export const PodMetrics: ResourceType<PodMetrics> = { ...GROUP, kind: 'PodMetrics', plural: 'pods', namespaced: true };

export const NodeMetrics: ResourceType<NodeMetrics> = {
  ...GROUP,
  kind: 'NodeMetrics',
  plural: 'nodes',
  namespaced: false,
};
