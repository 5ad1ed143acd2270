/** A node: registers itself, runs the pods that are bound to it, and tells how they fare. */
import { Pod } from '#api/core/pod';
import { VOLUMES_DIRECTORY } from '#api/core/volume/local-volumes';
import { onAbort, unlessAborted } from '#base/abort';
import { asError } from '#base/errors';
import type { AgentOptions } from './agent-options.ts';
import { agentParts } from './agent-parts.ts';
import { runLogRotation } from './logs/log-rotation.ts';
import { readNodeSettings, USUAL_MAX_PODS } from './node-settings.ts';
import type { AgentContext } from './pods/agent-context.ts';
import { removeLeftoverFolders } from './pods/leftover-folders.ts';
import { ImageCollector } from './pods/images/image-collector.ts';
import { PodWorkers } from './pods/pod-workers.ts';
import { startAgentServer, type AgentServer, type ServerTls } from './server/agent-server.ts';
import { podHandlers } from './server/pod-handlers.ts';
import { readNodeUsage } from './stats/read-node-usage.ts';
import { simulatedUsage } from './stats/simulated-usage.ts';
import { UsageSampler } from './stats/usage-sampler.ts';
import type { NodeUsage } from './stats/usage.ts';
import { startNodeReporter } from './status/node-reporter.ts';
import { runLocalVolumes } from './volumes/local-volumes.ts';

export type { AgentOptions } from './agent-options.ts';

export type Agent = {
  /** Where the server listens; 0 without one. */
  readonly port: number;
  /** Resolves when the pods that were there before have been looked through and new ones are taken. */
  readonly ready: Promise<void>;
  usage(): Promise<NodeUsage>;
  /** The server shows this from now on. */
  renewCertificate(tls: ServerTls): void;
};

/** Resolves once the node is registered; the agent goes on until its signal aborts. */
export async function runAgent(options: AgentOptions): Promise<Agent> {
  const { informers, runtime, world, signal, nodeName } = options;
  const node = await readNodeSettings(options);
  const { pods = informers.filtered(Pod, { fieldSelector: `spec.nodeName=${nodeName}` }) } = options;
  const { agent, probes } = await agentParts(options, node, {
    pod: (uid) => workers.wake(uid),
    runtimeChanged: (uid, key) => workers.changed(uid, key),
    objectsChanged: (uids) => uids.forEach((uid) => workers.get(uid)?.objectsChanged()),
  });
  const workers = new PodWorkers({ agent, pods, probes, signal });
  const usage = agent.simulated ? () => simulatedUsage(runtime, world.clock.now()) : measuredUsage(options);
  const server = await serve(options, agent, { workers, usage });
  const port = server?.port ?? 0;
  keepRunning('following the runtime', agent.watch.run(signal), options);
  if (!agent.simulated) {
    keepRunning('rotating logs', rotateLogs(agent, signal), options);
    keepRunning('collecting images', collectImages(agent, options), options);
  }
  keepRunning('removing volumes', removeVolumes(options, agent), options);
  const { events } = agent;
  await startNodeReporter({
    ...options,
    ...options.pace,
    ...identityOf(options),
    events,
    port,
    addresses: options.nodeIps,
  });
  const ready = unlessAborted(Promise.all([agent.watch.listed, pods.synced]), signal).then(async () => {
    const started = workers.start();
    onAbort(signal, () => started[Symbol.dispose]());
    if (!agent.simulated) await removeLeftoverFolders(agent, (uid) => workers.get(uid) !== undefined);
  });
  // Whoever waits hears of a failure; an agent that is ended before it was ready has none.
  ready.catch(() => undefined);
  return { port, ready, usage, renewCertificate: (tls) => server?.renew(tls) };
}

function measuredUsage(options: AgentOptions): () => Promise<NodeUsage> {
  const sampler = new UsageSampler({ ...options, readNode: readNodeUsage });
  keepRunning('measuring containers', sampler.run(options.signal), options);
  return async () => sampler.usage();
}

type Served = { readonly workers: PodWorkers; readonly usage: () => Promise<NodeUsage> };

async function serve(
  options: AgentOptions,
  agent: AgentContext,
  { workers, usage }: Served,
): Promise<Pick<AgentServer, 'port' | 'renew'> | undefined> {
  if (options.server === undefined) return undefined;
  const findPod = (namespace: string, name: string) => workers.find(namespace, name);
  const handlers = podHandlers({
    ...agent,
    usage,
    findPod,
    pods: () => workers.all(),
  });
  if ('admit' in options.server) {
    const hasPod = (namespace: string, name: string): boolean => findPod(namespace, name) !== undefined;
    const place = options.server.admit(options.nodeName, { ...handlers, hasPod });
    onAbort(options.signal, () => place[Symbol.dispose]());
    return options.server;
  }
  const server = await startAgentServer(options.server, handlers, options.logger);
  onAbort(options.signal, () => void server[Symbol.asyncDispose]());
  return server;
}

function rotateLogs({ runtime, world, logger, watch }: AgentContext, signal: AbortSignal): Promise<void> {
  return runLogRotation({ runtime, world, logger, signal, running: () => watch.running() });
}

function collectImages({ runtime, world, logger }: AgentContext, options: AgentOptions): Promise<void> {
  const readDisk = async () => ({
    sizeBytes: options.host.storageBytes,
    availableBytes: (await options.readPressure()).storageAvailableBytes,
  });
  return new ImageCollector({ runtime, world, logger, readDisk }).run(options.signal);
}

async function removeVolumes(options: AgentOptions, { simulated }: AgentContext): Promise<void> {
  const { volumes: directory } = options.dirs;
  if (directory === undefined) return;
  await runLocalVolumes({ ...options, directory, storage: simulated ? 'simulated' : 'real' });
}

/** A part that ends before it is told to is a defect that somebody must see. */
function keepRunning(what: string, work: Promise<void>, { logger, signal }: AgentOptions): void {
  work.catch((error: unknown) => {
    if (!signal.aborted) logger.error(`stopped ${what}`, { error: asError(error) });
  });
}

function identityOf({ nodeName, host, labels, podCidr, dirs, taints = [], maxPods = USUAL_MAX_PODS }: AgentOptions) {
  const wellKnown = {
    'beta.kubernetes.io/arch': host.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': host.architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
  };
  const annotations = dirs.volumes === undefined ? {} : { [VOLUMES_DIRECTORY]: dirs.volumes };
  return { identity: { name: nodeName, labels: { ...wellKnown, ...labels }, annotations, podCidr, taints }, maxPods };
}
