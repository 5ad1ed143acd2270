/** Warns of ports that several containers of a pod declare, or that say less than they seem to. */
import type { ContainerPort, PodSpec } from '../../types/core-v1.ts';
import { containersOf } from './visit.ts';

type PlacedPort = { readonly port: ContainerPort; readonly field: string };

export function* portWarnings(spec: PodSpec, field: string): Generator<string> {
  const byNumber = new Map<string, PlacedPort[]>();
  for (const { container, field: path } of containersOf(spec, field))
    for (const [index, port] of (container.ports ?? []).entries()) {
      const placed = { port, field: `${path}.ports[${index}]` };
      if (port.hostIP && !port.hostPort) yield `${placed.field}: hostIP set without hostPort: ${JSON.stringify(port)}`;
      const key = `${port.containerPort}/${port.protocol}`;
      const others = byNumber.get(key) ?? [];
      for (const other of others) {
        const relation = relationOf(port, other.port);
        if (relation !== undefined) yield `${placed.field}: ${relation} port definition with ${other.field}`;
      }
      byNumber.set(key, [...others, placed]);
    }
}

type HostSide = { readonly port: number; readonly ip: string };

const hostSide = ({ hostPort = 0, hostIP = '' }: ContainerPort): HostSide => ({ port: hostPort, ip: hostIP });

function relationOf(left: ContainerPort, right: ContainerPort): string | undefined {
  const [one, other] = [hostSide(left), hostSide(right)];
  if (one.port === other.port && one.ip === other.ip) return 'duplicate';
  if (one.port === 0 || other.port === 0) return 'overlapping';
  const isAmbiguous = one.port === other.port && (one.ip === '') !== (other.ip === '');
  return isAmbiguous ? 'dangerously ambiguous' : undefined;
}
