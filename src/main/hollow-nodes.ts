/** Starts simulated nodes: the same agents on runtimes that run nothing. */
import type { EventCorrelator } from '#client/event-correlator';
import type { Informers } from '#client/informer';
import { abortScope } from '#base/abort';
import { createInformers } from '#client/informers';
import { nodePodRange } from '#network/podnet/plan/ranges';
import { createHollowRuntime } from '#node/runtime/hollow/hollow-runtime';
import type { ServerTls } from '#node/server/agent-server';
import { sharedAgentServer, type SharedAgentServer } from '#node/server/shared-agent-server';
import { agentTls, keepCertificateFresh } from './agent-tls.ts';
import { hollowCorrelator, runHollowAgent } from './hollow-agent.ts';
import type { Nodes } from './nodes.ts';

// Each takes a turn of the process to register: more at once would only keep others waiting.
const STARTS_AT_ONCE = 64;
// The server that they share shows one certificate for all.
const SERVER_NAME = 'hollow';

/** Resolves when all of them are registered; dispose after their signal has aborted. */
export async function startHollowNodes(nodes: Nodes): Promise<AsyncDisposable> {
  const { cluster, surroundings } = nodes;
  const { hollowNodes, runtime, nodeIp } = cluster.settings;
  await using starting = new AsyncDisposableStack();
  const tls = await agentTls(cluster, SERVER_NAME, surroundings);
  const server = starting.use(await sharedAgentServer({ host: nodeIp, port: 0, tls }, surroundings.logger));
  const renew = (next: ServerTls): void => server.renew(next);
  const renewing = keepCertificateFresh({ cluster, nodeName: SERVER_NAME, surroundings, renew });
  starting.defer(() => renewing);
  const firstRange = runtime === 'cri' ? 1 : 0;
  const shared: Shared = {
    server,
    informers: await sharedInformers(nodes),
    correlator: hollowCorrelator(),
    rangeOf: (index) => firstRange + index,
  };
  const waiting = Array.from({ length: hollowNodes }, (_, index) => index).values();
  const inTurn = async (): Promise<void> => {
    for (const index of waiting) await startHollowNode(index, nodes, shared);
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, inTurn));
  return starting.move();
}

type Shared = {
  readonly server: SharedAgentServer;
  readonly informers: Informers;
  readonly correlator: EventCorrelator;
  readonly rangeOf: (index: number) => number;
};

/** What every agent reads whole is read once for all of them. */
async function sharedInformers({ clientFor, surroundings }: Nodes): Promise<Informers> {
  return createInformers({ client: await clientFor(hollowName(0)), ...surroundings });
}

async function startHollowNode(
  index: number,
  { cluster, clientFor, surroundings }: Nodes,
  { server, informers, correlator, rangeOf }: Shared,
): Promise<void> {
  const { podCidr, nodeIp } = cluster.settings;
  const nodeName = hollowName(index);
  const client = await clientFor(nodeName);
  // A signal of its own: what one signal's listeners cost grows with their number.
  const inside = { ...surroundings, signal: abortScope(surroundings.signal).signal };
  const own = createInformers({ client, ...inside });
  const range = nodePodRange(podCidr, rangeOf(index));
  const runtime = createHollowRuntime({ world: surroundings.world, podCidr: range });
  await runHollowAgent(
    { name: nodeName, ip: nodeIp, podCidr: range },
    { ...inside, client, informers: { ...own, for: (type) => informers.for(type) }, correlator, runtime, server },
  );
}

const hollowName = (index: number): string => `hollow-${index + 1}`;
