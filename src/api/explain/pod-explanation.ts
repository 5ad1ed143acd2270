/** Why a pod is where it is, or has no node and what would get it one (`explain.tutti.io`): worked out when asked for, never stored. */
import type { ApiObject } from '../object.ts';
import type { ResourceType } from '../resource.ts';
import type { ObjectMeta } from '../types/meta-v1.ts';

/** Nodes that a plugin of the scheduler refuses for the same reason, also where another refuses them first. */
export type RefusedNodes = {
  readonly plugin: string;
  readonly reason: string;
  readonly nodes: number;
  /** Some of their names. */
  readonly examples: readonly string[];
};

/** Something to do to one object. `patch` is a JSON merge patch; `create` is an object to add; `remove` says that it is to go. */
export type ExplainedEdit = {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly patch?: unknown;
  readonly create?: unknown;
  readonly remove?: true;
};

/** A change after which the pod is placed. It was tried: on the scheduler's own state, with the scheduler's own plugins. */
export type ExplainedChange = {
  readonly summary: string;
  /** How many of the pods that wait for the same reason are placed then. */
  readonly places: number;
  readonly edits: readonly ExplainedEdit[];
};

export type ExplainedScore = {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: number;
  readonly normalized: number;
};

export type ExplainedNode = {
  readonly node: string;
  readonly total: number;
  readonly plugins: readonly ExplainedScore[];
};

export type PodExplanation = ApiObject & {
  readonly metadata: ObjectMeta;
  /** In a few words; empty for a pod that is fine. */
  readonly why: string;
  readonly phase: string;
  readonly nodeName?: string;
  /** Why no node is found, as upstream's scheduler words it. */
  readonly message?: string;
  /** How many pods of the same kind wait for a node, this one among them. */
  readonly waiting?: number;
  readonly nodes: number;
  readonly refusals: readonly RefusedNodes[];
  readonly changes: readonly ExplainedChange[];
  /** The node of a pod that has one, and the best of the others, as they would be scored now. */
  readonly scores: readonly ExplainedNode[];
};

export const PodExplanation: ResourceType<PodExplanation> = {
  group: 'explain.tutti.io',
  version: 'v1',
  apiVersion: 'explain.tutti.io/v1',
  kind: 'PodExplanation',
  plural: 'podexplanations',
  namespaced: true,
};
