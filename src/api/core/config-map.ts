/** Configuration that pods consume as files or environment. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type ConfigMap = core.ConfigMap;

export const ConfigMap = defineResource<ConfigMap>(
  {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    namespaced: true,
  },
  { shortNames: ['cm'] },
);
