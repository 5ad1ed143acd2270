/** Measures by asking every agent, at most once a second however many want to know. */
import { Node } from '#api/core/node';
import type * as core from '#api/types/core-v1';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import { listPrefix } from '../registry/keys.ts';
import { agentAddress } from './agent-address.ts';
import type { AgentClient } from './agent-request.ts';
import { answerText } from './forward.ts';
import type { ContainerUsage, MetricsSource, NodeUsage, PodUsage, Usage } from './metrics-source.ts';

const FRESH_MS = 1000;
// An agent that does not answer must not keep those that do from being shown.
const ANSWER_WITHIN_MS = 5000;
// Thousands of simulated nodes share one server: each gets its turn on one of these.
const CONNECTIONS = 8;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

type Scraping = {
  readonly store: Store;
  readonly agents: AgentClient;
  readonly world: World;
  readonly log: Logger;
};

type Measured = { readonly nodes: readonly NodeUsage[]; readonly pods: readonly PodUsage[] };

export function scrapedMetrics(scraping: Scraping): MetricsSource {
  let latest: { readonly atMs: number; readonly measured: Promise<Measured> } | undefined;
  const measure = (): Promise<Measured> => {
    const nowMs = scraping.world.clock.now();
    if (latest === undefined || nowMs - latest.atMs >= FRESH_MS) {
      latest = { atMs: nowMs, measured: measureAll(scraping) };
    }
    return latest.measured;
  };
  return {
    nodes: async () => (await measure()).nodes,
    pods: async (namespace) => {
      const { pods } = await measure();
      return namespace === undefined ? pods : pods.filter((pod) => pod.namespace === namespace);
    },
  };
}

async function measureAll(scraping: Scraping): Promise<Measured> {
  const nodes = scraping.store.list(listPrefix(Node, undefined)).items as readonly core.Node[];
  const measured: Measured[] = [];
  const sameAgent = Map.groupBy(nodes, addressOf).values();
  const lanes = sameAgent.flatMap((group) => {
    const waiting = group.values();
    const inTurn = async (): Promise<void> => {
      for (const node of waiting) measured.push(await measureNode(scraping, node));
    };
    return Array.from({ length: Math.min(CONNECTIONS, group.length) }, inTurn);
  });
  await Promise.all(lanes);
  return { nodes: measured.flatMap((each) => each.nodes), pods: measured.flatMap((each) => each.pods) };
}

function addressOf({ metadata, status }: core.Node): string {
  const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? metadata.name;
  return `${address}:${status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0}`;
}

const NOTHING: Measured = { nodes: [], pods: [] };

async function measureNode({ agents, world, log }: Scraping, node: core.Node): Promise<Measured> {
  const { name } = node.metadata;
  const giveUp = new AbortController();
  using _deadline = world.clock.setTimer(ANSWER_WITHIN_MS, () =>
    giveUp.abort(new DOMException(`No answer within ${ANSWER_WITHIN_MS} ms`, 'TimeoutError')),
  );
  try {
    const address = agentAddress(node);
    const target = `/metrics/usage?node=${encodeURIComponent(name)}`;
    const answer = await agents.send({ address, method: 'GET', target, signal: giveUp.signal });
    const text = await answerText(answer, MAX_ANSWER_BYTES);
    if (answer.statusCode !== 200) throw new Error(`the agent answered ${answer.statusCode}: ${text}`);
    return decodeUsage(name, JSON.parse(text));
  } catch (error) {
    log.warn('Cannot measure node', { node: name, reason: errorMessage(error) });
    return NOTHING;
  }
}

/** Checks what an agent says: it is another machine's word. */
function decodeUsage(name: string, value: unknown): Measured {
  const { node, pods } = value as { readonly node?: unknown; readonly pods?: unknown };
  const measured = Array.isArray(pods) ? pods.flatMap(decodePod) : [];
  return { nodes: isUsage(node) ? [{ ...node, name }] : [], pods: measured };
}

function decodePod(value: Partial<PodUsage> | null): readonly PodUsage[] {
  const { namespace, name, uid, containers } = value ?? {};
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') return [];
  const measured = Array.isArray(containers) ? containers.filter(isContainerUsage) : [];
  return [{ namespace, name, uid, containers: measured }];
}

function isContainerUsage(value: unknown): value is ContainerUsage {
  return isUsage(value) && typeof (value as Partial<ContainerUsage>).name === 'string';
}

function isUsage(value: unknown): value is Usage {
  if (typeof value !== 'object' || value === null) return false;
  const { timestampMs, windowMs, cpuNanoCores, memoryWorkingSetBytes } = value as Partial<Usage>;
  return [timestampMs, windowMs, cpuNanoCores, memoryWorkingSetBytes].every(Number.isFinite);
}
