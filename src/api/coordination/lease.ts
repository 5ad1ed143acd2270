/** A claim that one holder renews: node heartbeats and leader election. */
import { defineResource } from '../resource.ts';
import type * as coordination from '../types/coordination-v1.ts';

export type Lease = coordination.Lease;

export const Lease = defineResource<Lease>(
  {
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    plural: 'leases',
    namespaced: true,
  },
  {},
);
