/** Confidential data that pods consume as files or environment. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Secret = core.Secret;

export const Secret = defineResource<Secret>(
  {
    group: '',
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    namespaced: true,
  },
  {},
);
