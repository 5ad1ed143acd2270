/** An identity for the processes of a pod. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type ServiceAccount = core.ServiceAccount;

export const ServiceAccount = defineResource<ServiceAccount>(
  {
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    namespaced: true,
  },
  { shortNames: ['sa'] },
);
