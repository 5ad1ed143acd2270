/** A node as the scheduler sees it: what it has, and what the pods on it already take. */
import { isTerminal } from '#api/core/pod-state';
import { heldRequests } from '#api/core/held-resources';
import { podRequests, type ResourceAmounts } from '#api/core/pod-resources';
import type { Pod } from '#api/core/pod';
import type { Node } from '#api/core/node';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';

/** A host port in use. `hostIP` `0.0.0.0` stands for every address. */
export type HostPort = { readonly hostIP: string; readonly protocol: string; readonly port: number };

export type NodeState = {
  readonly node: Node;
  /** CPU in thousandths of a core, the rest in units. */
  readonly allocatable: ResourceAmounts;
  readonly requested: ResourceAmounts;
  /** As `requested`, with upstream's stand-ins for containers that ask for nothing: what scoring looks at. */
  readonly requestedForScore: ScoreAmounts;
  readonly podCount: number;
  readonly ports: readonly HostPort[];
};

export type ScoreAmounts = { readonly cpu: number; readonly memory: number };

// Upstream's `DefaultMilliCPURequest` and `DefaultMemoryRequest` (pkg/scheduler/util/pod_resources.go).
const UNASKED_MILLI_CPU = 100;
const UNASKED_MEMORY_BYTES = 200 * 1024 * 1024;

/** The state of `node` with `pods` on it; finished pods take nothing. */
export function nodeState(node: Node, pods: Iterable<Pod>): NodeState {
  const empty: NodeState = {
    node,
    allocatable: amounts(node.status?.allocatable ?? {}),
    requested: {},
    requestedForScore: { cpu: 0, memory: 0 },
    podCount: 0,
    ports: [],
  };
  let state = empty;
  for (const pod of pods) if (!isTerminal(pod)) state = withPod(state, pod);
  return state;
}

/** The state after `pod` was added. */
export function withPod(state: NodeState, pod: Pod): NodeState {
  const score = scoreRequests(pod);
  return {
    ...state,
    requested: added(state.requested, heldRequests(pod)),
    requestedForScore: {
      cpu: state.requestedForScore.cpu + score.cpu,
      memory: state.requestedForScore.memory + score.memory,
    },
    podCount: state.podCount + 1,
    ports: [...state.ports, ...hostPorts(pod)],
  };
}

/** What scoring takes the pod to need. */
export function scoreRequests(pod: Pick<Pod, 'spec'>): ScoreAmounts {
  const asked = podRequests(pod);
  const unasked = (resource: string): number =>
    pod.spec.containers.filter((container) => container.resources?.requests?.[resource] === undefined).length;
  return {
    cpu: (asked['cpu'] ?? 0) + unasked('cpu') * UNASKED_MILLI_CPU,
    memory: (asked['memory'] ?? 0) + unasked('memory') * UNASKED_MEMORY_BYTES,
  };
}

/** The ports of the node's own addresses that the pod needs, those of restartable init containers included. */
export function hostPorts({ spec }: Pick<Pod, 'spec'>): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...spec.containers]
    .flatMap((container) => container.ports ?? [])
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      hostIP: hostIP === '' ? '0.0.0.0' : hostIP,
      protocol,
      port: hostPort,
    }));
}

function amounts(quantities: Readonly<Record<string, string>>): ResourceAmounts {
  const entries = Object.entries(quantities).map(([name, text]) => {
    const quantity = parseQuantity(text);
    return [name, name === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity)] as const;
  });
  return Object.fromEntries(entries);
}

function added(left: ResourceAmounts, right: ResourceAmounts): ResourceAmounts {
  const sum: Record<string, number> = { ...left };
  for (const [name, amount] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}
