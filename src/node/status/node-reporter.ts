/** Registers the node and keeps its status true: often while it changes, rarely while it does not. */
import { isApiError } from '#api/errors';
import { Node } from '#api/core/node';
import type { ContainerImage, NodeStatus } from '#api/types/core-v1';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { EventRecorder } from '#client/event-recorder';
import type { Runtime } from '../runtime/runtime.ts';
import type { HostFacts, HostPressure } from './host-facts.ts';
import { runNodeLease } from './node-lease.ts';
import { registerNode, writeNodeStatus, type NodeIdentity } from './node-object.ts';
import { becomes, planNodeEvents, type NodeEvent } from './plan-node-events.ts';
import { planNodeStatus, type RuntimeFacts } from './plan-node-status.ts';

export type NodeReporterOptions = {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly signal: AbortSignal;
  readonly identity: NodeIdentity;
  readonly host: HostFacts;
  readonly readPressure: () => Promise<HostPressure>;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly version: string;
  readonly maxPods: number;
  readonly lookMs?: number;
  readonly renewMs?: number;
};

const LOOK_MS = 10_000;
// While the node is not ready, somebody waits for it.
const LOOK_UNREADY_MS = 200;
const MOST_IMAGES = 50;
const MOST_NAMES = 5;

/** Resolves once the node is registered; goes on until the signal aborts. */
export async function startNodeReporter(options: NodeReporterOptions): Promise<Node> {
  const { signal } = options;
  tell(options, [{ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' }]);
  const node = await register(options);
  void runNodeLease({ ...options, node });
  void keepStatus(options, node).catch((error: unknown) => {
    if (!signal.aborted) options.logger.error('stopped reporting the node', { error: asError(error) });
  });
  return node;
}

async function register(options: NodeReporterOptions): Promise<Node> {
  const { client, identity, signal, world, logger } = options;
  for (;;) {
    try {
      const plan = await look(options);
      const now = world.clock.now();
      const { node, before } = await registerNode(identity, plan(undefined), { client, signal, lastWrittenMs: 0, now });
      tell(options, planNodeEvents(identity.name, { before, after: node.status }));
      return node;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('cannot register the node, trying again', { error: asError(error) });
      await world.clock.sleep(LOOK_UNREADY_MS, signal);
    }
  }
}

async function keepStatus(options: NodeReporterOptions, registered: Node): Promise<void> {
  const { world, signal, logger, lookMs = LOOK_MS } = options;
  let ready = isReady(registered);
  let cordoned = isCordoned(registered);
  let lastWrittenMs = 0;
  while (!signal.aborted) {
    try {
      const now = world.clock.now();
      const written = await writeNodeStatus(options.identity, await look(options), { ...options, lastWrittenMs, now });
      if (written.written) lastWrittenMs = now;
      const { node, before } = written;
      tell(options, planNodeEvents(options.identity.name, { before, after: node.status }));
      if (isCordoned(node) !== cordoned) tell(options, [becomes(options.identity.name, cordonReason(node))]);
      cordoned = isCordoned(node);
      ready = isReady(node);
    } catch (error) {
      if (signal.aborted) return;
      await recover(options, error);
    }
    await world.clock.sleep(ready ? lookMs : LOOK_UNREADY_MS, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
  logger.debug('the node is no longer reported');
}

async function recover(options: NodeReporterOptions, error: unknown): Promise<void> {
  if (isApiError(error, 'Conflict')) return; // somebody else wrote: look again
  options.logger.warn('cannot report the node', { error: asError(error) });
  // Somebody deleted it while it lives.
  if (isApiError(error, 'NotFound')) await register(options);
}

/** Looks at the machine and the runtime now; the answer makes a status from the old one. */
async function look(options: NodeReporterOptions): Promise<(old: NodeStatus | undefined) => NodeStatus> {
  const { host, addresses, port, version, maxPods, world } = options;
  const [pressure, runtime, images] = await Promise.all([
    options.readPressure(),
    runtimeFacts(options.runtime),
    imagesOf(options.runtime),
  ]);
  const now = world.clock.now();
  return (old) => planNodeStatus({ host, pressure, runtime, images, addresses, port, version, maxPods, old, now });
}

async function runtimeFacts(runtime: Runtime): Promise<RuntimeFacts> {
  try {
    const [{ name, version }, status] = await Promise.all([runtime.version(), runtime.status()]);
    const notReady = [
      ...(status.runtime.ready
        ? []
        : [
            `container runtime not ready: RuntimeReady=false reason:${status.runtime.reason} message:${status.runtime.message}`,
          ]),
      ...(status.network.ready
        ? []
        : [
            `container runtime network not ready: NetworkReady=false reason:${status.network.reason} message:${status.network.message}`,
          ]),
    ];
    return { name, version, notReady };
  } catch {
    // Which is what the condition tells.
    return { name: 'containerd', version: 'Unknown', notReady: ['container runtime is down'] };
  }
}

async function imagesOf(runtime: Runtime): Promise<readonly ContainerImage[]> {
  const images = await runtime.listImages().catch(() => []);
  return images
    .toSorted((left, right) => right.sizeBytes - left.sizeBytes || (left.id < right.id ? -1 : 1))
    .slice(0, MOST_IMAGES)
    .map(({ tags, digests, sizeBytes }) => ({ names: [...digests, ...tags].slice(0, MOST_NAMES), sizeBytes }));
}

/** Agents know their node by its name before they know its uid, and clients look for both. */
function tell({ events, identity: { name } }: NodeReporterOptions, reports: readonly NodeEvent[]): void {
  const metadata = { name, uid: name, resourceVersion: '', creationTimestamp: '' };
  for (const report of reports) events.report({ apiVersion: Node.apiVersion, kind: Node.kind, metadata }, report);
}

const isCordoned = ({ spec }: Node): boolean => spec.unschedulable === true;
const cordonReason = (node: Node): string => (isCordoned(node) ? 'NodeNotSchedulable' : 'NodeSchedulable');

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
