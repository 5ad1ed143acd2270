/** What the reference scheduler looks at: plain lists of objects, nothing derived, nothing kept. */
import type { Node, Pod } from '#api/types/core-v1';
import type { LabelSelector } from '#api/types/meta-v1';

/** A Service, ReplicationController, ReplicaSet or StatefulSet, by what spreading wants of it. */
export type SelectorSource =
  | {
      readonly kind: 'Service' | 'ReplicationController';
      readonly namespace: string;
      readonly name: string;
      readonly selector: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'ReplicaSet' | 'StatefulSet';
      readonly namespace: string;
      readonly name: string;
      readonly selector: LabelSelector;
    };

export type ReferenceCluster = {
  readonly nodes: readonly Node[];
  /** Those with a node that have not ended. */
  readonly pods: readonly Pod[];
  /** The labels of each namespace. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly sources: readonly SelectorSource[];
};

export const podsOn = ({ pods }: ReferenceCluster, node: Node): readonly Pod[] =>
  pods.filter(({ spec }) => spec.nodeName === node.metadata.name);

export const labelsOf = ({ metadata }: Pick<Node | Pod, 'metadata'>): Readonly<Record<string, string>> =>
  metadata.labels ?? {};

export const namespaceOf = ({ metadata }: Pod): string => metadata.namespace ?? '';
