/** Fills in what a service's author left open, and drops what its type has no use for any more. */
import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec, ServiceStatus } from '../../types/core-v1.ts';
import { mapped } from '../pod/default-parts.ts';
import { isExternallyReachable, isServed } from './exposure.ts';

const AFFINITY_SECONDS = 10_800;

export function defaultService(service: Service): Service {
  const spec = defaultSpec(service.spec);
  const { status } = service;
  return { ...service, spec, ...(status === undefined ? {} : { status: defaultStatus(status, spec) }) };
}

function defaultSpec(spec: ServiceSpec): ServiceSpec {
  const type = spec.type || 'ClusterIP';
  const typed = { ...withAffinity(spec), type, ...mapped('ports', spec.ports, defaultPort) };
  return {
    ...typed,
    ...(isExternallyReachable(typed) ? { externalTrafficPolicy: typed.externalTrafficPolicy || 'Cluster' } : {}),
    ...(isServed(typed) ? { internalTrafficPolicy: typed.internalTrafficPolicy ?? 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: typed.allocateLoadBalancerNodePorts ?? true } : {}),
  };
}

function withAffinity(spec: ServiceSpec): ServiceSpec {
  const sessionAffinity = spec.sessionAffinity || 'None';
  const { sessionAffinityConfig: config, ...rest } = spec;
  if (sessionAffinity === 'None') return { ...rest, sessionAffinity };
  if (sessionAffinity !== 'ClientIP' || config?.clientIP?.timeoutSeconds !== undefined)
    return { ...spec, sessionAffinity };
  return { ...rest, sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } } };
}

function defaultPort(port: ServicePort): ServicePort {
  return { ...port, protocol: port.protocol || 'TCP', targetPort: port.targetPort || port.port };
}

function defaultStatus(status: ServiceStatus, { type }: ServiceSpec): ServiceStatus {
  if (type !== 'LoadBalancer' || status.loadBalancer === undefined) return status;
  const defaultIngress = (ingress: LoadBalancerIngress): LoadBalancerIngress =>
    ingress.ip ? { ...ingress, ipMode: ingress.ipMode ?? 'VIP' } : ingress;
  const { loadBalancer } = status;
  return { ...status, loadBalancer: { ...loadBalancer, ...mapped('ingress', loadBalancer.ingress, defaultIngress) } };
}

/** A client that changes the type and sends along what the old type was given does not mean to keep that. */
export function dropOutdated(next: Service, stored: Service): Service {
  const [after, before] = [next.spec, stored.spec];
  const outdated: (keyof ServiceSpec)[] = [];
  if (before.type === 'LoadBalancer' && after.type !== 'LoadBalancer')
    outdated.push('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  if (isExternallyReachable(before) && !isExternallyReachable(after)) outdated.push('externalTrafficPolicy');
  const dropped = outdated.filter((key) => after[key] !== undefined && after[key] === before[key]);
  if (dropped.length === 0) return next;
  const kept = Object.entries(after).filter(([key]) => !(dropped as readonly string[]).includes(key));
  return { ...next, spec: Object.fromEntries(kept) as ServiceSpec };
}
