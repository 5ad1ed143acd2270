/** The fronts of a pod: its host ports lead from the node to it. */
import type { Pod } from '#api/core/pod';
import type { ContainerPort } from '#api/types/core-v1';
import { parseAddress } from '../../plan/ipv4.ts';
import { transportProtocol, type Front } from './front.ts';

const ANY_ADDRESS = '0.0.0.0';

export function hostPortFronts(pod: Pod): readonly Front[] {
  const address = pod.status?.podIP ?? '';
  if (!holdsPorts(pod) || parseAddress(address) === undefined) return [];
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  return containers.flatMap(({ ports = [] }) => ports.flatMap((port) => frontOf(port, address)));
}

function holdsPorts({ spec, status }: Pod): boolean {
  if (spec.hostNetwork === true) return false; // it listens on the node itself
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function frontOf(
  { hostPort = 0, hostIP = '', containerPort, protocol: name }: ContainerPort,
  address: string,
): Front[] {
  const protocol = transportProtocol(name);
  if (hostPort === 0 || protocol === undefined) return [];
  const front = { protocol, port: hostPort, targets: [{ address, port: containerPort }], whenEmpty: 'refuse' } as const;
  if (hostIP === '' || hostIP === ANY_ADDRESS) return [{ table: 'ports', ...front }];
  return parseAddress(hostIP) === undefined ? [] : [{ table: 'vips', address: hostIP, ...front }];
}
