/** Decides which addresses a LoadBalancer service publishes: those of the nodes that forward to it. */
import { isConditionTrue } from '#api/meta/conditions';
import type { LoadBalancerIngress, Node, Service } from '#api/types/core-v1';
import type { EndpointSlice } from '#api/types/discovery-v1';

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

export type LoadBalancerSnapshot = {
  readonly service: Service;
  readonly nodes: readonly Node[];
  readonly slices: readonly EndpointSlice[];
};

/** The service with its addresses; the same object when they are as they should be. */
export function planLoadBalancer(snapshot: LoadBalancerSnapshot): Service {
  const { service } = snapshot;
  const before = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  const wanted = isOurs(service) ? addresses(snapshot) : [];
  // With every node away the addresses stay: nobody could reach the service by forgetting them.
  if (isOurs(service) && wanted.length === 0) return service;
  if (before.length === wanted.length && wanted.every((ip, at) => ip === before[at])) return service;
  const ingress = wanted.map((ip): LoadBalancerIngress => ({ ip, ipMode: 'VIP' }));
  return { ...service, status: { ...service.status, loadBalancer: ingress.length === 0 ? {} : { ingress } } };
}

/** A class names somebody else's load balancer. */
export function isOurs({ metadata, spec }: Service): boolean {
  return (
    spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && metadata.deletionTimestamp === undefined
  );
}

function addresses({ service, nodes, slices }: LoadBalancerSnapshot): readonly string[] {
  const local = service.spec.externalTrafficPolicy === 'Local' ? nodesWithEndpoints(slices) : undefined;
  const family = (service.spec.ipFamilies?.[0] ?? 'IPv4') === 'IPv6';
  const found = nodes
    .filter((node) => isServing(node) && (local === undefined || local.has(node.metadata.name)))
    .flatMap(({ status }) => (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP'))
    .map(({ address }) => address)
    .filter((address) => address.includes(':') === family);
  // Simulated nodes share the address of their machine.
  return [...new Set(found)].toSorted();
}

function isServing({ metadata, status }: Node): boolean {
  if (metadata.deletionTimestamp !== undefined || metadata.labels?.[EXCLUDED] !== undefined) return false;
  return isConditionTrue(status?.conditions, 'Ready');
}

function nodesWithEndpoints(slices: readonly EndpointSlice[]): ReadonlySet<string> {
  const ready = slices.flatMap(({ endpoints = [] }) =>
    endpoints.filter(({ conditions }) => conditions?.ready === true),
  );
  return new Set(ready.map(({ nodeName = '' }) => nodeName));
}
