/** A change after which waiting pods would be placed: found, tried, and ready to be shown. */
import type { Pod } from '#api/core/pod';
import type { ApiObject } from '#api/object';
import type { Node } from '#api/types/core-v1';

/** An object as it is sent to be created. */
export type Creatable = Pick<ApiObject, 'apiVersion' | 'kind'> & {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
};

export type Change = {
  readonly text: string;
  /** How much it asks of people and workloads; less is shown first. */
  readonly effort: number;
  /** How many of the pods would be placed. */
  readonly places: number;
  /** The pod as it would have to be. */
  readonly pod?: Pod;
  /** Nodes that are changed, as they would have to be, or added. */
  readonly nodes: readonly { readonly before?: Node; readonly after: Node }[];
  /** Pods that have a node, and are to end. */
  readonly ends?: readonly Pod[];
  /** Other objects that are missing. */
  readonly creates?: readonly Creatable[];
};

/** Changes that place more pods first, then those that ask for less. */
export const byWorth = (left: Change, right: Change): number =>
  right.places - left.places || left.effort - right.effort || (left.text < right.text ? -1 : 1);
