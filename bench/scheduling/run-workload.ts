/** Runs a workload against a cluster: makes what it needs, then measures until the last of its pods has a node. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Namespace } from '#api/core/namespace';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { ServiceAccount } from '#api/core/service-account';
import type { Unsaved } from '#api/object';
import { PodGroup } from '#api/scheduling/pod-group';
import { PriorityClass } from '#api/scheduling/priority-class';
import type { Client } from '#client/client';
import type { Informer } from '#client/informer';
import { runLoad } from '../closed-loop.ts';
import { aNode, HIGH_PRIORITY, podOfGang, type PodTemplate, TEAM } from './templates.ts';
import type { Churned, Operation, Workload } from './workloads.ts';

export type Bench = {
  readonly client: Client;
  /** Of the scheduler's own pods informer: what it has heard of. */
  readonly pods: Informer<Pod>;
  readonly signal: AbortSignal;
};

export type Outcome = {
  readonly pods: number;
  readonly seconds: number;
  /** Pods that got a node in each second of the window, as upstream samples them. */
  readonly samples: readonly number[];
  /** What the main thread of the process worked in the window: less than its length where others took the processor. */
  readonly busySeconds: number;
};

const CLIENTS = 64;
const SAMPLE_MS = 1000;
const PATIENCE_MS = 120_000;

type Doing<Name> = Extract<Operation, { readonly do: Name }>;

export async function runWorkload({ operations }: Workload, bench: Bench): Promise<Outcome> {
  using run = new WorkloadRun(bench);
  await run.prepare();
  for (const operation of operations) await run.do(operation);
  return run.outcome();
}

class WorkloadRun implements Disposable {
  readonly #bench: Bench;
  readonly #ending = new AbortController();
  readonly #beside: Promise<void>[] = [];
  #nodes = 0;
  #pods = 0;
  #outcome: Outcome | undefined;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async prepare(): Promise<void> {
    const { client } = this.#bench;
    await client.create(PriorityClass, { metadata: { name: HIGH_PRIORITY }, value: 10 } as Unsaved<PriorityClass>);
    await this.#createAccount('default');
  }

  outcome(): Outcome {
    if (this.#outcome === undefined) throw new Error('Cannot tell the outcome: the workload measures nothing');
    return this.#outcome;
  }

  async do(operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'create nodes':
        return await this.#createNodes(operation);
      case 'create namespaces':
        return await this.#createNamespaces(operation);
      case 'create pods':
        return await this.#createPods(operation);
      case 'create gangs':
        return await this.#createGangs(operation);
      case 'create service':
        return await this.#make('service', operation.namespace, 'service');
      case 'churn':
        return void this.#beside.push(this.#churn(operation));
      case 'delete pods':
        return void this.#beside.push(this.#deletePods(operation));
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  async #createNodes({ count, shape = {} }: Doing<'create nodes'>): Promise<void> {
    const { client } = this.#bench;
    const from = this.#nodes;
    this.#nodes += count;
    await runLoad({ clients: CLIENTS, operations: count }, (index) => client.create(Node, aNode(from + index, shape)));
  }

  async #createNamespaces({ names, team }: Doing<'create namespaces'>): Promise<void> {
    const { client } = this.#bench;
    for (const name of names) {
      const metadata = { name, labels: team === undefined ? {} : TEAM };
      await client.create(Namespace, { metadata, spec: {} } as Unsaved<Namespace>);
      await this.#createAccount(name);
    }
  }

  async #createAccount(namespace: string): Promise<void> {
    await this.#bench.client.create(ServiceAccount, {
      metadata: { name: 'default', namespace },
    } as Unsaved<ServiceAccount>);
  }

  async #createPods({ count, pod, namespaces = ['default'], wait, measured }: Doing<'create pods'>): Promise<void> {
    const batch = this.#pods++;
    const { client } = this.#bench;
    const create = (index: number): Promise<unknown> => {
      const template = typeof pod === 'function' ? pod(index) : pod;
      const namespace = namespaces[index % namespaces.length] ?? 'default';
      return client.create(Pod, named(template, `${template.metadata.name}-${batch}-${index}`, namespace));
    };
    const load = { clients: CLIENTS, operations: count };
    if (wait === false) {
      await runLoad(load, create);
      return;
    }
    await this.#window({ count, label: `-${batch}-`, measured: measured === true }, () => runLoad(load, create));
  }

  async #createGangs({ count, podsEach }: Doing<'create gangs'>): Promise<void> {
    const { client } = this.#bench;
    const spec = { schedulingPolicy: { gang: { minCount: podsEach } } };
    for (let index = 0; index < count; index++) {
      const metadata = { name: `gang-${index}`, namespace: 'default' };
      await client.create(PodGroup, { metadata, spec } as Unsaved<PodGroup>);
    }
    await this.#createPods({
      do: 'create pods',
      count: count * podsEach,
      pod: (index) => podOfGang(`gang-${Math.floor(index / podsEach)}`),
      measured: true,
    });
  }

  /** From before the first is created until the last has a node. */
  async #window(
    { count, label, measured }: { count: number; label: string; measured: boolean },
    create: () => Promise<unknown>,
  ): Promise<void> {
    const placed = new Set<string>();
    const samples: number[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _following = this.#bench.pods.subscribe(({ after }) => {
      if (after === undefined || !after.metadata.name.includes(label) || (after.spec.nodeName ?? '') === '') return;
      placed.add(after.metadata.uid);
      if (placed.size === count) resolve();
    });
    let seen = 0;
    const sample = setInterval(() => {
      samples.push(placed.size - seen);
      seen = placed.size;
    }, SAMPLE_MS);
    const patience = setTimeout(
      () => reject(new Error(`Only ${placed.size} of ${count} pods got a node in ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    const startMs = performance.now();
    const usedBefore = process.threadCpuUsage();
    try {
      await Promise.all([create(), promise]);
    } finally {
      clearInterval(sample);
      clearTimeout(patience);
    }
    const seconds = (performance.now() - startMs) / 1000;
    samples.push(placed.size - seen);
    const { user, system } = process.threadCpuUsage(usedBefore);
    if (measured) this.#outcome = { pods: count, seconds, samples, busySeconds: (user + system) / 1e6 };
  }

  async #churn({ everyMs, make, replace }: Doing<'churn'>): Promise<void> {
    for (let round = 0; await this.#after(everyMs); round++) {
      for (const [index, what] of make.entries()) {
        const name = `churn-${index}-${round}`;
        if (replace === true && round > 0) await this.#remove(what, `churn-${index}-${round - 1}`);
        await this.#make(what, 'default', name);
      }
    }
  }

  async #deletePods({ namespace, perSecond }: Doing<'delete pods'>): Promise<void> {
    for (const { metadata } of this.#bench.pods.list(namespace)) {
      if (!(await this.#after(1000 / perSecond))) return;
      await this.#bench.client.delete(Pod, { name: metadata.name, namespace });
    }
  }

  /** Whether there is still something to do then. */
  async #after(delayMs: number): Promise<boolean> {
    const { signal } = this.#ending;
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  async #make(what: Churned, namespace: string, name: string): Promise<void> {
    const { client } = this.#bench;
    const selector = { app: 'scheduler-perf' };
    const ports = [{ port: 80, targetPort: 8000 }];
    const metadata = { name, namespace };
    if (what === 'node') await client.create(Node, aNode(0, { name }));
    else if (what === 'service')
      await client.create(Service, { metadata, spec: { selector, ports } } as Unsaved<Service>);
    else await client.create(Pod, named(what, name, namespace));
  }

  async #remove(what: Churned, name: string): Promise<void> {
    const { client } = this.#bench;
    if (what === 'node') await client.delete(Node, { name });
    else if (what === 'service') await client.delete(Service, { name, namespace: 'default' });
    else await client.delete(Pod, { name, namespace: 'default' }, { gracePeriodSeconds: 0 });
  }
}

const named = ({ metadata, spec }: PodTemplate, name: string, namespace: string): Unsaved<Pod> =>
  ({ metadata: { ...metadata, name, namespace }, spec }) as Unsaved<Pod>;
