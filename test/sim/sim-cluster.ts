/** The whole control plane and its nodes on virtual time, every program of it behind a line that fails. */
import { createHash } from 'node:crypto';
import type { UserInfo } from '#api/request';
import { runHorizontalAutoscaler } from '#autoscale/horizontal/controller';
import { silentLogger } from '#base/log';
import { virtualWorld, type VirtualWorld } from '#base/virtual-world';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { controllerNames, runControllers } from '#controllers/run-controllers';
import { runHollowAgent } from '#main/hollow-agent';
import { componentUser, controllerUser, nodeUser } from '#main/identities';
import { openVirtualCluster, type VirtualCluster } from '#main/virtual-cluster';
import { runScheduler } from '#scheduler/scheduler';
import type { StoreEvent } from '#store/store';
import { Chaos } from './chaos.ts';
import { Machine } from './machine.ts';
import { type Life, Part } from './part.ts';

/** Whether all controllers are one program, or each is a program of its own, with copies, a line, a clock and crashes of its own. */
export type ControllerLives = 'together' | 'apart';

export type SimOptions = {
  readonly seed: number;
  readonly nodes: number;
  readonly faults: 'all' | 'control plane';
  readonly controllers: ControllerLives;
  /** Keeps every line of the log instead of its digest alone. */
  readonly keepLog?: boolean;
};

export type SimCluster = AsyncDisposable & {
  readonly world: VirtualWorld;
  readonly cluster: VirtualCluster;
  readonly chaos: Chaos;
  readonly parts: readonly Part[];
  readonly machines: ReadonlyMap<string, Machine>;
  /** Failures of programs that nobody killed, and whatever else must not be. */
  readonly violations: string[];
  /** Called with every batch of committed changes. */
  readonly observers: ((events: readonly StoreEvent[]) => void)[];
  part(name: string): Part;
  powerOff(node: string): void;
  powerOn(node: string): void;
  digest(): string;
  readonly log: readonly string[];
};

const ZONES = 2;
const podRange = (index: number): string => `198.18.${index + 1}.0/24`;

export async function openSimCluster(options: SimOptions): Promise<SimCluster> {
  const { seed, nodes, keepLog = false } = options;
  const world = virtualWorld({ seed });
  const cluster = await openVirtualCluster({ world });
  const { handle } = cluster;
  const digest = createHash('sha256');
  const log: string[] = [];
  const note = (line: string): void => {
    const text = `${world.clock.now()} ${line}`;
    digest.update(text);
    if (keepLog) log.push(text);
  };
  const chaos = new Chaos({ seed, note, scope: options.faults });
  const violations: string[] = [];
  const observers: SimCluster['observers'] = [];
  const ending = new AbortController();
  const watching = watchAll(cluster, ending.signal, (events) => {
    for (const { type, key, revision, object } of events)
      note(`${revision} ${type} ${key} ${JSON.stringify(object).length}`);
    for (const observe of observers) observe(events);
  });
  const machines = new Map<string, Machine>();
  const makePart = (name: string, number: number, live: (life: Life) => Promise<unknown>): Part =>
    new Part({
      name,
      seed: seed ^ Math.imul(number + 1, 0x27d4eb2f),
      world,
      handle,
      chaos,
      live,
      onFailure: (part, error) => violations.push(`${part} has ended: ${String(error)}`),
    });
  const parts = [
    ...(options.controllers === 'together'
      ? [makePart('controllers', 0, (life) => liveControllers(life))]
      : controllerNames(FACTS).map((name, at) => makePart(name, 100 + at, (life) => liveControllers(life, name)))),
    makePart('scheduler', 1, liveScheduler),
    makePart('autoscaler', 2, liveAutoscaler),
  ];
  for (let index = 0; index < nodes; index++) {
    const machine = new Machine({ name: `node-${index + 1}`, podCidr: podRange(index), world, seed: seed + index });
    machines.set(machine.name, machine);
    parts.push(makePart(machine.name, 10 + index, (life) => liveAgent(life, machine, { cluster, index })));
  }
  for (const part of parts) part.start();
  const part = (name: string): Part => {
    const found = parts.find((each) => each.name === name);
    if (found === undefined) throw new RangeError(`Cannot find part "${name}": the cluster has none of that name`);
    return found;
  };
  return {
    world,
    cluster,
    chaos,
    parts,
    machines,
    violations,
    observers,
    part,
    powerOff(node) {
      note(`power off ${node}`);
      part(node).crash();
      machines.get(node)?.losePower();
    },
    powerOn: (node) => part(node).start(),
    digest: () => digest.copy().digest('hex'),
    log,
    async [Symbol.asyncDispose]() {
      for (const each of parts) each.crash();
      ending.abort();
      await watching;
      await cluster[Symbol.asyncDispose]();
    },
  };
}

async function watchAll(
  { store }: VirtualCluster,
  signal: AbortSignal,
  tell: (events: readonly StoreEvent[]) => void,
): Promise<void> {
  for await (const batch of store.watch('/', { since: store.revision, signal })) tell(batch);
}

const clientOf = ({ handle }: Life, user: UserInfo) => inProcessClient(handle, user);

const FACTS = { authority: 'PEM', signCertificate: () => 'PEM' };

async function liveControllers(life: Life, alone?: string): Promise<void> {
  const client = clientOf(life, componentUser('kube-controller-manager'));
  const informers = createInformers({ client, ...life });
  const clientFor = (account: string) => clientOf(life, controllerUser(account));
  const only = (name: string): boolean => alone === undefined || name === alone;
  await runControllers({ client, clientFor, informers, only, ...life, ...FACTS });
}

async function liveScheduler(life: Life): Promise<void> {
  const client = clientOf(life, componentUser('kube-scheduler'));
  await runScheduler({ client, informers: createInformers({ client, ...life }), ...life });
}

async function liveAutoscaler(life: Life): Promise<void> {
  const client = clientOf(life, controllerUser('horizontal-pod-autoscaler'));
  const reader = clientOf(life, componentUser('kube-controller-manager'));
  await runHorizontalAutoscaler({ client, informers: createInformers({ client: reader, ...life }), ...life });
}

type Place = { readonly cluster: VirtualCluster; readonly index: number };

async function liveAgent(life: Life, machine: Machine, { cluster, index }: Place): Promise<void> {
  const { name, podCidr, runtime } = machine;
  const client = clientOf(life, nodeUser(name));
  const labels = { 'topology.kubernetes.io/zone': `zone-${(index % ZONES) + 1}` };
  const node = { name, ip: `198.18.0.${index + 10}`, podCidr, labels };
  const parts = { ...life, logger: silentLogger(), client, informers: createInformers({ client, ...life }), runtime };
  const agent = await runHollowAgent(node, parts);
  cluster.usage.set(name, () => agent.usage());
}
