/** Ports of the node's own addresses that pods take. */
import { isSidecar } from '#api/core/pod/visit';
import type { PodSpec } from '#api/types/core-v1';

/** `ip` `0.0.0.0` stands for every address. */
export type HostPort = { readonly ip: string; readonly protocol: string; readonly port: number };

const EVERY_ADDRESS = '0.0.0.0';

/** Those of restartable init containers included. */
export function hostPorts({ initContainers = [], containers }: PodSpec): readonly HostPort[] {
  return [...initContainers.filter(isSidecar), ...containers]
    .flatMap((container) => container.ports ?? [])
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      ip: hostIP === '' ? EVERY_ADDRESS : hostIP,
      protocol,
      port: hostPort,
    }));
}

/** Every address collides with any. */
export function collide(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.ip === right.ip || left.ip === EVERY_ADDRESS || right.ip === EVERY_ADDRESS;
}
