/** A deployment: rolls a pod template forward and back through replica sets. */
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';

export type Deployment = apps.Deployment;

export const Deployment = defineResource<Deployment>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    plural: 'deployments',
    namespaced: true,
  },
  { shortNames: ['deploy'], categories: ['all'], hasStatus: true },
);
