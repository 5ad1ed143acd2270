/** A replica set: keeps a number of pods of one template alive. */
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';

export type ReplicaSet = apps.ReplicaSet;

export const ReplicaSet = defineResource<ReplicaSet>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    namespaced: true,
  },
  { shortNames: ['rs'], categories: ['all'], hasStatus: true },
);
