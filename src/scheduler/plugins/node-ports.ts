/** Refuses nodes on which a port that the pod wants of the host is taken. */
import { type HostPort, hostPorts } from '../framework/node-state.ts';
import { FITS, type FilterPlugin, refused } from '../framework/plugin.ts';

export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  wakesOn: ['NodeAdded', 'PodRemoved'],
  filter: (pod, { ports }) =>
    hostPorts(pod).some((wanted) => ports.some((taken) => collide(wanted, taken)))
      ? refused("node(s) didn't have free ports for the requested pod ports")
      : FITS,
};

/** 0.0.0.0 is every address: it collides with any. */
function collide(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.hostIP === right.hostIP || left.hostIP === '0.0.0.0' || right.hostIP === '0.0.0.0';
}
