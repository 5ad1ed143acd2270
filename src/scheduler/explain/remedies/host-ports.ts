/** Ways onto nodes on which a host port is taken: another port. */
import type { Pod } from '#api/core/pod';
import type { Container } from '#api/types/core-v1';
import { collide, type HostPort, hostPorts } from '../../snapshot/host-ports.ts';
import { type Remedies, withSpec } from '../remedy.ts';

const HIGHEST = 65_535;

export const otherPorts: Remedies = ({ pod, slot, state }) => {
  const taken = state.columns.portsAt(slot);
  const own = hostPorts(pod.spec);
  const clashes = own.filter((wanted) => taken.some((other) => collide(wanted, other)));
  const moves = new Map<number, number>();
  for (const port of clashes) {
    const free = freePort(port, [...taken, ...own], [...moves.values()]);
    if (free !== undefined) moves.set(port.port, free);
  }
  if (moves.size < new Set(clashes.map(({ port }) => port)).size) return [];
  const listed = [...moves].map(([from, to]) => `host port ${to} instead of ${from}`);
  const ports = [...moves.keys()];
  const drop = {
    text: `do without host port ${ports.join(', ')}: a Service reaches pods without one`,
    effort: 4,
    pod: (each: Pod) => changed(each, (port) => (moves.has(port) ? undefined : port)),
  };
  const move = {
    text: `use ${listed.join(' and ')} in the pod`,
    effort: 3,
    pod: (each: Pod) => changed(each, (port) => moves.get(port) ?? port),
  };
  // In the node's own network a port is one whether it is declared or not.
  return pod.spec.hostNetwork === true ? [move] : [move, drop];
};

function freePort(wanted: HostPort, taken: readonly HostPort[], promised: readonly number[]): number | undefined {
  for (let port = wanted.port + 1; port <= HIGHEST; port++) {
    if (promised.includes(port)) continue;
    if (!taken.some((other) => collide({ ...wanted, port }, other))) return port;
  }
  return undefined;
}

function changed(pod: Pod, to: (port: number) => number | undefined): Pod {
  const isHost = pod.spec.hostNetwork === true;
  const of = (container: Container): Container => {
    if (container.ports === undefined) return container;
    const ports = container.ports.map(({ hostPort = 0, ...rest }) => {
      const port = hostPort === 0 ? undefined : to(hostPort);
      if (port === undefined) return rest;
      return { ...rest, hostPort: port, ...(isHost ? { containerPort: port } : {}) };
    });
    return { ...container, ports };
  };
  const { containers, initContainers } = pod.spec;
  return withSpec(pod, {
    containers: containers.map(of),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(of) }),
  });
}
