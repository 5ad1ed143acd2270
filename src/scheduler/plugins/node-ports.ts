/** Refuses nodes on which a port that the pod wants of the host is taken. */
import { type Plugin, refusal } from '../framework/plugin.ts';
import { collide } from '../snapshot/host-ports.ts';
import { podShape } from '../snapshot/pod-shape.ts';

const REFUSAL = refusal("node(s) didn't have free ports for the requested pod ports");

export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter: ({ spec }, state) => {
    const { ports } = podShape(spec);
    if (ports.length === 0) return undefined;
    return {
      verdict: (slot) => {
        const taken = state.columns.portsAt(slot);
        return ports.some((port) => taken.some((other) => collide(port, other))) ? REFUSAL : undefined;
      },
    };
  },
  wakes: (event, { spec }) => {
    if (event.kind === 'NodeAdded') return true;
    if (event.kind !== 'PodRemoved') return false;
    const freed = podShape(event.pod.spec).ports;
    return podShape(spec).ports.some((port) => freed.some((other) => collide(port, other)));
  },
};
