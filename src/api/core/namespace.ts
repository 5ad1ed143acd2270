/** A namespace: a scope for names, which is gone only when everything in it is gone. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Namespace = core.Namespace;

export const Namespace = defineResource<Namespace>(
  {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
  },
  { shortNames: ['ns'], hasStatus: true },
);
