/** What could be done about a plugin's refusal of a node: the words a remedy is written in. */
import type { Pod } from '#api/core/pod';
import type { Node } from '#api/types/core-v1';
import type { ClusterState } from '../snapshot/cluster-state.ts';

/** One way around one refusal. Whether it helps is found out by trying it. */
export type Remedy = {
  /** In the imperative: `uncordon node n1`. */
  readonly text: string;
  /** How much it asks of people and workloads; less is tried and shown first. */
  readonly effort: number;
  readonly pod?: (pod: Pod) => Pod;
  /** Changes the node that was refused. */
  readonly node?: (node: Node) => Node;
  /** Pods that have a node, and are to end. */
  readonly ends?: readonly Pod[];
};

/** What another plugin's remedy does is enough. */
export const NOTHING_MORE: Remedy = { text: '', effort: 0 };

/** The pod, and a node it was refused on. */
export type Refused = {
  readonly pod: Pod;
  readonly node: Node;
  readonly slot: number;
  readonly state: ClusterState;
  /** Whether the plugin would refuse another pod on the node, too. */
  readonly refuses: (pod: Pod) => boolean;
};

/** All ways around what one plugin has against the node, the least first. */
export type Remedies = (refused: Refused) => readonly Remedy[];

export const withSpec = (pod: Pod, spec: Partial<Pod['spec']>): Pod => ({ ...pod, spec: { ...pod.spec, ...spec } });

export const withLabels = (node: Node, labels: Readonly<Record<string, string>>): Node => ({
  ...node,
  metadata: { ...node.metadata, labels },
});

export const inQuotes = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
