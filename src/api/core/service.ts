/** A stable address in front of a changing set of pods. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Service = core.Service;

export const Service = defineResource<Service>(
  {
    group: '',
    version: 'v1',
    kind: 'Service',
    plural: 'services',
    namespaced: true,
  },
  { shortNames: ['svc'], categories: ['all'], hasStatus: true },
);
