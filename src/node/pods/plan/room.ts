/** What the pods of a node take of it, added up as they come and go: to look at all of them for each new one would take ever longer. */
import type { Pod } from '#api/core/pod';
import { podRequests, type ResourceAmounts } from '#api/core/pod-resources';

type Taker = Pick<Pod, 'spec'>;

export type Taken = {
  readonly pods: number;
  of(resource: string): number;
  hasPort(port: string): boolean;
};

export class Room implements Taken {
  readonly #amounts = new Map<string, number>();
  readonly #ports = new Map<string, number>();
  #pods = 0;

  get pods(): number {
    return this.#pods;
  }

  of(resource: string): number {
    return this.#amounts.get(resource) ?? 0;
  }

  hasPort(port: string): boolean {
    return this.#ports.has(port);
  }

  enter(pod: Taker): void {
    this.#count(pod, 1);
  }

  /** What has entered; in between it may not have changed. */
  leave(pod: Taker): void {
    this.#count(pod, -1);
  }

  /** What everybody else takes. */
  without(pod: Taker): Taken {
    const own = podRequests(pod);
    const ports = hostPorts(pod);
    const isOwn = (port: string): boolean => ports.includes(port) && this.#ports.get(port) === 1;
    return {
      pods: this.#pods - 1,
      of: (resource) => this.of(resource) - amountOf(own, resource),
      hasPort: (port) => this.hasPort(port) && !isOwn(port),
    };
  }

  #count(pod: Taker, sign: 1 | -1): void {
    this.#pods += sign;
    const requests = podRequests(pod);
    for (const resource of Object.keys(requests)) {
      this.#amounts.set(resource, this.of(resource) + sign * amountOf(requests, resource));
    }
    for (const port of hostPorts(pod)) {
      const users = (this.#ports.get(port) ?? 0) + sign;
      if (users === 0) this.#ports.delete(port);
      else this.#ports.set(port, users);
    }
  }
}

const amountOf = (amounts: ResourceAmounts, resource: string): number => amounts[resource] ?? 0;

/** Ports of the node that a pod takes, as `ADDRESS/PROTOCOL/PORT`. */
export function hostPorts({ spec }: Taker): readonly string[] {
  const taken: string[] = [];
  for (const { ports = NO_PORTS, restartPolicy } of spec.initContainers ?? []) {
    if (restartPolicy === 'Always') for (const port of ports) note(taken, port, spec.hostNetwork);
  }
  for (const { ports = NO_PORTS } of spec.containers) for (const port of ports) note(taken, port, spec.hostNetwork);
  return taken;
}

type ContainerPort = NonNullable<Pod['spec']['containers'][number]['ports']>[number];

const NO_PORTS: readonly ContainerPort[] = [];

function note(taken: string[], port: ContainerPort, onHostNetwork: boolean | undefined): void {
  const { hostPort, hostIP = '', protocol = 'TCP', containerPort } = port;
  const number = hostPort ?? (onHostNetwork === true ? containerPort : 0);
  if (number !== 0) taken.push(`${hostIP === '0.0.0.0' ? '' : hostIP}/${protocol}/${number}`);
}
