/** A machine that runs pods. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Node = core.Node;

export const Node = defineResource<Node>(
  {
    group: '',
    version: 'v1',
    kind: 'Node',
    plural: 'nodes',
    namespaced: false,
  },
  { shortNames: ['no'], hasStatus: true },
);
