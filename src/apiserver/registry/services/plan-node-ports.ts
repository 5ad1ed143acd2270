/** Gives the ports of a service their ports on every node. Pure. */
import { invalid } from '#api/meta/field-error';
import type * as core from '#api/types/core-v1';
import { type Allocation, firstFree, internal, invalidService, type PortRange } from './allocation.ts';

export function planNodePorts(
  service: core.Service,
  stored: core.Service | undefined,
  allocation: Allocation,
): core.Service {
  const spec = service.spec ?? {};
  if (!needsNodePorts(spec)) return service;
  const own = new Set((stored?.spec?.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  const planned = new PlannedPorts(service, own, allocation);
  return { ...service, spec: { ...spec, ports: planned.ports() } };
}

export function needsNodePorts({ type }: core.ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

class PlannedPorts {
  readonly #service: core.Service;
  readonly #own: ReadonlySet<number>;
  readonly #allocation: Allocation;
  /** By service port: the same number over TCP and UDP shares one node port. */
  readonly #byPort = new Map<number, number>();
  readonly #used = new Set<number>();

  constructor(service: core.Service, own: ReadonlySet<number>, allocation: Allocation) {
    this.#service = service;
    this.#own = own;
    this.#allocation = allocation;
  }

  ports(): readonly core.ServicePort[] {
    const ports = this.#service.spec?.ports ?? [];
    for (const [index, port] of ports.entries()) this.#takeRequested(port, index);
    // A load balancer that reaches pods by itself may do without node ports.
    if (this.#service.spec?.allocateLoadBalancerNodePorts === false) return ports;
    return ports.map((port) => (port.nodePort ? port : { ...port, nodePort: this.#portFor(port) }));
  }

  #takeRequested({ nodePort = 0, port }: core.ServicePort, index: number): void {
    if (nodePort === 0) return;
    const refused = this.#own.has(nodePort) ? undefined : refusePort(nodePort, this.#allocation);
    if (refused !== undefined) {
      throw invalidService(this.#service, [invalid(`spec.ports[${index}].nodePort`, nodePort, refused)]);
    }
    if (!this.#byPort.has(port)) this.#byPort.set(port, nodePort);
    this.#used.add(nodePort);
  }

  #portFor({ port }: core.ServicePort): number {
    const shared = this.#byPort.get(port);
    if (shared !== undefined) return shared;
    const chosen = freePort(this.#allocation, this.#used);
    this.#byPort.set(port, chosen);
    this.#used.add(chosen);
    return chosen;
  }
}

function refusePort(nodePort: number, { ports, taken }: Allocation): string | undefined {
  if (nodePort < ports.first || nodePort > ports.last) {
    return `provided port is not in the valid range. The range of valid ports is ${ports.first}-${ports.last}`;
  }
  return taken.ports.has(nodePort) ? 'provided port is already allocated' : undefined;
}

function freePort({ ports, taken, random }: Allocation, used: ReadonlySet<number>): number {
  const isFree = (port: number): boolean => !taken.ports.has(port) && !used.has(port);
  const port = firstFree(bandOf(ports, random), isFree);
  if (port === undefined) throw internal('failed to allocate a nodePort: range is full');
  return port;
}

const bandOf = ({ first, last }: PortRange, random: () => number) => ({ from: first, to: last + 1, random });

/** Load balancers that keep the client's address ask each node over this port whether it has a pod. */
export function planHealthCheckPort(
  service: core.Service,
  stored: core.Service | undefined,
  allocation: Allocation,
): core.Service {
  const spec = service.spec ?? {};
  if (!needsHealthCheckPort(spec)) return service;
  const { healthCheckNodePort = 0 } = spec;
  if (healthCheckNodePort !== 0) {
    const isOwn = stored?.spec?.healthCheckNodePort === healthCheckNodePort;
    const refused = isOwn ? undefined : refusePort(healthCheckNodePort, allocation);
    if (refused === undefined) return service;
    throw internal(`failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: ${refused}`);
  }
  const used = new Set((spec.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  return { ...service, spec: { ...spec, healthCheckNodePort: freePort(allocation, used) } };
}

export function needsHealthCheckPort({ type, externalTrafficPolicy }: core.ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}
