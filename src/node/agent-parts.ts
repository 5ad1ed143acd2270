/** Puts together what an agent works with: the real things, or what stands in for them where nothing really runs. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Service } from '#api/core/service';
import { errorMessage } from '#base/errors';
import { Gate } from '#base/gate';
import { createEventRecorder } from '#client/event-recorder';
import type { Informer } from '#client/informer';
import type { AgentOptions } from './agent-options.ts';
import type { AgentContext, HookRunner, NodeSettings, ReferencedObjects, Volumes } from './pods/agent-context.ts';
import { API_SERVICE } from './pods/config/service-environment.ts';
import type { PodProbes } from './pods/pod-probes.ts';
import { RuntimeWatch } from './pods/runtime-watch.ts';
import { objectsOnDemand, simulatedHooks, simulatedProbes, simulatedVolumes } from './pods/simulated.ts';
import { terminationMessage } from './pods/termination-message.ts';
import { lifecycleHooks } from './probes/lifecycle-hooks.ts';
import { Prober } from './probes/prober.ts';
import { claimedVolumes } from './volumes/claimed-volumes.ts';
import { mountMemory } from './volumes/mounts.ts';
import { podVolumes } from './volumes/pod-volumes.ts';
import { PodTokens } from './volumes/pod-tokens.ts';
import { WatchedObjects } from './volumes/watched-objects.ts';

export type AgentParts = { readonly agent: AgentContext; readonly probes: PodProbes };

export type Wake = {
  readonly pod: (podUid: string) => void;
  /** Of what is known under an operation's key. */
  readonly runtimeChanged: (podUid: string, key: string) => void;
  readonly objectsChanged: (podUids: readonly string[]) => void;
};

// Beyond this, starting more at once only makes each of them slower.
const STARTS_PER_CPU = 2;
// The same on every machine: a simulated life depends on its seed alone.
const SIMULATED_STARTS = 4;
const PULLS = 3;

export async function agentParts(options: AgentOptions, node: NodeSettings, wake: Wake): Promise<AgentParts> {
  const { client, runtime, world, logger, signal, informers, correlator } = options;
  const simulated = runtime.simulated === true;
  const events = createEventRecorder({
    client,
    world,
    logger,
    signal,
    component: 'kubelet',
    host: node.name,
    ...(correlator === undefined ? {} : { correlator }),
  });
  const watch = new RuntimeWatch({
    runtime,
    world,
    logger,
    messageOf: simulated ? async ({ message = '' }) => message : terminationMessage,
    onChange: wake.runtimeChanged,
  });
  const services = informers.for(Service);
  const shared = {
    client,
    runtime,
    watch,
    world,
    logger,
    events,
    services: (namespace: string) => seenServices(services, namespace),
    starts: new Gate(simulated ? SIMULATED_STARTS : availableParallelism() * STARTS_PER_CPU),
    pulls: new Gate(PULLS),
    node,
    simulated,
    beforeStop: options.beforeStop,
  };
  if (simulated) {
    const parts = { objects: objectsOnDemand(client), volumes: simulatedVolumes, hooks: simulatedHooks };
    return { agent: { ...shared, ...parts }, probes: simulatedProbes };
  }
  const parts = await realParts(options, { node, watch, objectsChanged: wake.objectsChanged });
  const podIpOf = (podUid: string): string => watch.view(podUid).sandboxes[0]?.ips[0] ?? '';
  const { hostIps } = node;
  const probes = new Prober({ runtime, world, logger, events, hostIps, signal, onVerdict: wake.pod, podIpOf });
  return { agent: { ...shared, ...parts }, probes };
}

function seenServices(services: Informer<Service>, namespace: string): readonly Service[] {
  const own = services.list(namespace);
  if (namespace === API_SERVICE.namespace) return own;
  const api = services.get(API_SERVICE);
  return api === undefined ? own : [...own, api];
}

type RealParts = {
  readonly objects: ReferencedObjects;
  readonly volumes: Volumes;
  readonly hooks: HookRunner;
};

type Real = {
  readonly node: NodeSettings;
  readonly watch: RuntimeWatch;
  readonly objectsChanged: Wake['objectsChanged'];
};

async function realParts(options: AgentOptions, { node, watch, objectsChanged }: Real): Promise<RealParts> {
  const { client, world, logger, signal, runtime } = options;
  const objects = new WatchedObjects({ client, world, logger, signal, onChange: objectsChanged });
  const volumes = podVolumes({
    dirs: node.dirs,
    secretsDir: await makeSecretsDir(options),
    objects,
    claimed: claimedVolumes({ client, nodeName: node.name, signal }),
    addressesOf: ({ metadata, spec }) => ({
      podIps: spec.hostNetwork === true ? node.hostIps : (watch.view(metadata.uid).sandboxes[0]?.ips ?? []),
      hostIps: node.hostIps,
    }),
    allocatable: node.allocatable,
    newId: () => world.newId(),
    tokens: new PodTokens({ client, world, logger, signal, onDue: (uid) => objectsChanged([uid]) }),
  });
  return { objects, volumes, hooks: lifecycleHooks(runtime, world) };
}

/** In memory where this process may mount, so that no secret is ever on a disk. */
async function makeSecretsDir({ dirs, logger }: AgentOptions): Promise<string> {
  const path = join(dirs.pods, '.secrets');
  await mkdir(path, { recursive: true });
  try {
    await mountMemory(path);
  } catch (error) {
    logger.warn('secrets are kept on disk: no memory file system can be mounted', { why: errorMessage(error) });
  }
  return path;
}
