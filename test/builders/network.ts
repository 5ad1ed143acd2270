/** Services and their endpoints for tests: each shows only what matters to it. */
import type { ServiceSpec, ServiceStatus } from '#api/types/core-v1';
import type { Service } from '#api/core/service';
import type { EndpointSlice } from '#api/discovery/endpoint-slice';
import type { Endpoint, EndpointPort } from '#api/types/discovery-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { aMeta, NAMESPACE } from './workloads.ts';

type ServiceParts = {
  readonly name?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly spec?: Partial<ServiceSpec>;
  readonly status?: ServiceStatus;
};

/** Port 80 at a cluster address. */
export function aService({ name = 'web', meta = {}, spec = {}, status = {} }: ServiceParts = {}): Service {
  const clusterIP = spec.clusterIP ?? '198.19.0.20';
  const ports = [{ port: 80, protocol: 'TCP' }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: aMeta(name, meta),
    spec: { type: 'ClusterIP', ports, clusterIP, clusterIPs: [clusterIP], ...spec },
    status,
  };
}

type SliceParts = {
  readonly service?: string;
  readonly name?: string;
  readonly endpoints?: readonly Endpoint[];
  readonly ports?: readonly EndpointPort[];
};

/** What a service leads to, on port 8080. */
export function aSlice({ service = 'web', name, endpoints = [], ports }: SliceParts = {}): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: aMeta(name ?? `${service}-1`, {
      namespace: NAMESPACE,
      labels: { 'kubernetes.io/service-name': service },
    }),
    addressType: 'IPv4',
    endpoints,
    ports: ports ?? [{ name: '', port: 8080, protocol: 'TCP' }],
  };
}

/** A ready endpoint on node-1. */
export function anEndpoint(address: string, rest: Partial<Endpoint> = {}): Endpoint {
  return {
    addresses: [address],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'node-1',
    ...rest,
  };
}
