/** A pod: containers that share a network and a fate on one node. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Pod = core.Pod;

export const Pod = defineResource<Pod>(
  {
    group: '',
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    namespaced: true,
  },
  { shortNames: ['po'], categories: ['all'], hasStatus: true },
);
