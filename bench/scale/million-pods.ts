/** A whole cluster in this process, from nothing to every pod Running and counted: store, API, controllers, scheduler, agents on hollow nodes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Deployment } from '#api/apps/deployment';
import { Namespace } from '#api/core/namespace';
import type { Pod } from '#api/core/pod';
import { ServiceAccount } from '#api/core/service-account';
import { isApiError } from '#api/errors';
import type { Unsaved } from '#api/object';
import { createLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { controlPlaneHealth, runControlPlane } from '#main/control-plane';
import { SimulatedNodes } from '#main/simulated-nodes';
import { openVirtualCluster, type VirtualCluster } from '#main/virtual-cluster';
import type { Store } from '#store/store';
import { runLoad } from '../closed-loop.ts';
import { Pauses, type Pause } from './pauses.ts';

export type Cluster = { readonly nodes: number; readonly deployments: number; readonly replicas: number };

export type Stage = 'created' | 'scheduled' | 'running' | 'counted';

export type Grown = {
  readonly pods: number;
  /** Until the last pod had come so far, from before the first Deployment was created. */
  readonly seconds: Readonly<Record<Stage, number>>;
  /** Of all threads, beside the time on the wall: the machine may have other work. */
  readonly cpuSeconds: number;
  /** To the store: of pods and of all that goes with them but Events, which are written and not kept. */
  readonly writes: number;
  readonly peakRssBytes: number;
  readonly peakHeapBytes: number;
  readonly longestPauseMs: number;
  readonly pauses: readonly Pause[];
};

const NAMESPACE = 'scale';
const STARTS_AT_ONCE = 64;
const CLIENTS = 16;
const MOST_PODS = 250;
const LOOK_MS = 250;
const TELL_EVERY = 12;
const STAGES: readonly Stage[] = ['created', 'scheduled', 'running', 'counted'];

type Asked = Cluster & {
  /** Hears every few seconds how far it is. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
};

export async function growCluster({ nodes, deployments, replicas, tell, signal }: Asked): Promise<Grown> {
  const world = systemWorld();
  const ending = new AbortController();
  const surroundings = { world, logger: createLogger({ level: 'error' }), signal: ending.signal };
  await using cluster = await openVirtualCluster({ world, events: 'dropped' });
  const agents = new SimulatedNodes(cluster, surroundings, () => undefined);
  const health = controlPlaneHealth();
  const running = runControlPlane({ ...cluster, authority: '', signCertificate: () => '', health }, surroundings);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    ending.abort(new DOMException('The measurement has ended', 'AbortError'));
    agents.stop();
    await running;
  });
  await runLoad({ clients: STARTS_AT_ONCE, operations: nodes }, (index) => agents.add(aNode(index)));
  tell(`${nodes.toLocaleString('en')} nodes are up`);
  await prepareNamespace(cluster);
  using pauses = new Pauses();
  const race = new Race(cluster.store, deployments * replicas);
  const firstRevision = cluster.store.revision;
  const cpuBefore = process.cpuUsage();
  const counting = race.run(ending.signal);
  await Promise.race([
    Promise.all([createDeployments(cluster, { deployments, replicas }), race.finished(tell, signal)]),
    Promise.all([running, counting]).then(() => Promise.reject(new Error('A part ended before the last pod ran'))),
  ]);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    pods: deployments * replicas,
    seconds: race.seconds(),
    cpuSeconds: (user + system) / 1e6,
    writes: cluster.store.revision - firstRevision,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    peakHeapBytes: race.peakHeapBytes,
    longestPauseMs: pauses.longestMs,
    pauses: pauses.long,
  };
}

/** Follows how many pods have come how far. */
class Race {
  readonly #store: Store;
  readonly #pods: number;
  readonly #counts: Record<Stage, number> = { created: 0, scheduled: 0, running: 0, counted: 0 };
  readonly #reachedMs = new Map<Stage, number>();
  readonly #startMs = performance.now();
  peakHeapBytes = 0;

  constructor(store: Store, pods: number) {
    this.#store = store;
    this.#pods = pods;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followPods(signal), this.#followDeployments(signal)]);
  }

  async finished(tell: (line: string) => void, signal: AbortSignal): Promise<void> {
    for (let look = 1; !this.#reachedMs.has('counted'); look++) {
      await sleep(LOOK_MS, undefined, { signal });
      this.peakHeapBytes = Math.max(this.peakHeapBytes, process.memoryUsage().heapUsed);
      if (look % TELL_EVERY === 0) tell(this.#line());
    }
    tell(this.#line());
  }

  seconds(): Readonly<Record<Stage, number>> {
    const of = (stage: Stage): number => ((this.#reachedMs.get(stage) ?? Number.NaN) - this.#startMs) / 1000;
    return { created: of('created'), scheduled: of('scheduled'), running: of('running'), counted: of('counted') };
  }

  async #followPods(signal: AbortSignal): Promise<void> {
    for await (const batch of this.#store.watch(`/core/pods/${NAMESPACE}/`, { since: this.#store.revision, signal })) {
      for (const { object, previous } of batch) {
        if (previous === undefined) this.#add('created', 1);
        const [before, after] = [previous as Pod | undefined, object as Pod];
        if ((before?.spec.nodeName ?? '') === '' && (after.spec.nodeName ?? '') !== '') this.#add('scheduled', 1);
        if (before?.status?.phase !== 'Running' && after.status?.phase === 'Running') this.#add('running', 1);
      }
    }
  }

  async #followDeployments(signal: AbortSignal): Promise<void> {
    const prefix = `/apps/deployments/${NAMESPACE}/`;
    for await (const batch of this.#store.watch(prefix, { since: this.#store.revision, signal })) {
      for (const { object, previous } of batch) this.#add('counted', availableOf(object) - availableOf(previous));
    }
  }

  #add(stage: Stage, pods: number): void {
    this.#counts[stage] += pods;
    if (this.#counts[stage] === this.#pods && !this.#reachedMs.has(stage)) {
      this.#reachedMs.set(stage, performance.now());
    }
  }

  #line(): string {
    const counts = STAGES.map((stage) => `${this.#counts[stage].toLocaleString('en')} ${stage}`);
    const { heapUsed, rss } = process.memoryUsage();
    const seconds = (performance.now() - this.#startMs) / 1000;
    return `${seconds.toFixed(0)} s: ${counts.join(', ')}; heap ${megabytes(heapUsed)} MB, RSS ${megabytes(rss)} MB`;
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

const availableOf = (object: unknown): number => (object as Deployment | undefined)?.status?.availableReplicas ?? 0;

function aNode(index: number): Parameters<SimulatedNodes['add']>[0] {
  return { name: `hollow-${index + 1}`, milliCores: 32_000, memoryBytes: 128 * 1024 ** 3, pods: MOST_PODS, labels: {} };
}

/** Pods can run in it once its account is there, which a controller makes. */
async function prepareNamespace({ admin }: VirtualCluster): Promise<void> {
  await admin.create(Namespace, { metadata: { name: NAMESPACE }, spec: {} } as Unsaved<Namespace>);
  for (;;) {
    try {
      await admin.get(ServiceAccount, { namespace: NAMESPACE, name: 'default' });
      return;
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      await sleep(LOOK_MS);
    }
  }
}

async function createDeployments(
  { admin }: VirtualCluster,
  { deployments, replicas }: Omit<Cluster, 'nodes'>,
): Promise<void> {
  await runLoad({ clients: CLIENTS, operations: deployments }, (index) =>
    admin.create(Deployment, aDeployment(`web-${index}`, replicas)),
  );
}

function aDeployment(name: string, replicas: number): Unsaved<Deployment> {
  const labels = { app: name };
  const requests = { cpu: '100m', memory: '500Mi' };
  const containers = [{ name: 'web', image: 'registry.k8s.io/pause:3.10', resources: { requests } }];
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  } as Unsaved<Deployment>;
}
