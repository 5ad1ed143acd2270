/** A bounded part of the addresses behind a service. */
import { defineResource } from '../resource.ts';
import type * as discovery from '../types/discovery-v1.ts';

export type EndpointSlice = discovery.EndpointSlice;

export const EndpointSlice = defineResource<EndpointSlice>(
  {
    group: 'discovery.k8s.io',
    version: 'v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    namespaced: true,
  },
  {},
);
