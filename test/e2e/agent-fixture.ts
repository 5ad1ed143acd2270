/** A node of the test's own: the real registry in memory, a real containerd, and the agent between them. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Event } from '#api/core/event';
import { Namespace } from '#api/core/namespace';
import { ServiceAccount } from '#api/core/service-account';
import { Pod } from '#api/core/pod';
import { KINDS } from '#api/kinds';
import type { ListResult } from '#api/request';
import type { PodSpec, PodStatus } from '#api/types/core-v1';
import { createPipeline } from '#apiserver/pipeline';
import type { Client } from '#client/client';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { runAgent, type Agent } from '#node/agent';
import type { CriRuntime } from '#node/runtime/cri/cri-runtime';
import { readHostFacts, readHostPressure } from '#node/status/read-host';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { startContainerdFixture } from './containerd-fixture.ts';

const NODE = 'node-1';
const NAMESPACE = 'default';
const GIVE_UP_MS = 30_000;
const LOOK_MS = 20;

export type AgentFixture = {
  readonly client: Client;
  readonly runtime: CriRuntime;
  readonly podsDir: string;
  readonly logsDir: string;
  agent(): Agent;
  /** Ends the agent as a crash would, and starts another on the same node. */
  restartAgent(): Promise<void>;
  createPod(name: string, spec: Partial<PodSpec>): Promise<void>;
  /** The pod's status once it is as the test waits for. */
  until(name: string, done: (status: PodStatus) => boolean): Promise<PodStatus>;
  untilGone(name: string): Promise<void>;
  delete(name: string): Promise<void>;
  pods(): Promise<ListResult<Pod>>;
  /** Nothing is left, neither in the runtime nor on disk, but what is in `kept`. */
  untilEmpty(kept: readonly string[]): Promise<void>;
  events(name: string): Promise<readonly string[]>;
  /** What a shell in the pod's first container answers. */
  shell(name: string, command: string): Promise<string>;
  stop(): Promise<void>;
};

export async function startAgentFixture(): Promise<AgentFixture> {
  const machine = await startContainerdFixture();
  const { world, log: logger } = machine;
  const store = await openStore({ engine: memoryEngine(), world });
  const authorize = (): { allowed: true } => ({ allowed: true });
  const { handle } = createPipeline({ store, world, kinds: KINDS, authorize, serviceCidr: '198.19.0.0/16' });
  const client = inProcessClient(handle, { name: 'test', groups: ['system:masters'] });
  for (const name of [NAMESPACE, 'kube-node-lease']) {
    await client.create(Namespace, { metadata: { name }, spec: { finalizers: ['kubernetes'] } });
    await client.create(ServiceAccount, {
      metadata: { namespace: name, name: 'default' },
      automountServiceAccountToken: false,
    });
  }
  const dirs = { pods: machine.volumesDir, logs: join(machine.folder, 'logs'), seccomp: machine.folder };

  let ending = new AbortController();
  const start = async (): Promise<Agent> => {
    const { signal } = ending;
    const agent = await runAgent({
      client,
      informers: createInformers({ client, world, logger, signal }),
      world,
      logger,
      signal,
      runtime: machine.runtime,
      nodeName: NODE,
      nodeIps: ['127.0.0.1'],
      host: await readHostFacts(machine.folder),
      readPressure: () => readHostPressure(machine.folder),
      podCidr: '198.18.7.0/24',
      clusterDns: ['198.19.0.10'],
      clusterDomain: 'cluster.local',
      dirs,
      cgroupRoot: machine.cgroup,
      version: 'v1.35.0',
    });
    await agent.ready;
    return agent;
  };
  let agent = await start();
  const read = (name: string): Promise<Pod> => client.get(Pod, { namespace: NAMESPACE, name });

  return {
    client,
    runtime: machine.runtime,
    podsDir: dirs.pods,
    logsDir: dirs.logs,
    agent: () => agent,
    async restartAgent() {
      ending.abort();
      ending = new AbortController();
      agent = await start();
    },
    async createPod(name, spec) {
      const containers = spec.containers ?? [];
      await client.create(Pod, {
        metadata: { namespace: NAMESPACE, name },
        spec: { nodeName: NODE, ...spec, containers },
      });
    },
    until: (name, done) =>
      waitFor(`pod ${name}`, async () => {
        const { status = {} } = await read(name);
        return done(status) ? status : undefined;
      }),
    async untilGone(name) {
      await waitFor(`the end of pod ${name}`, async () => {
        const { items } = await client.list(Pod, {});
        return items.some(({ metadata }) => metadata.name === name) ? undefined : true;
      });
    },
    async delete(name) {
      await client.delete(Pod, { namespace: NAMESPACE, name });
    },
    pods: () => client.list(Pod, {}),
    async untilEmpty(kept) {
      await waitFor('an empty node', async () => {
        const files = [...(await readdir(dirs.pods)), ...(await readdir(dirs.logs))].filter(
          (name) => !kept.includes(name),
        );
        const [sandboxes, containers] = [
          await machine.runtime.listPodSandboxes(),
          await machine.runtime.listContainers(),
        ];
        return sandboxes.length + containers.length + files.length === 0 ? true : undefined;
      });
    },
    async events(name) {
      const { items } = await client.list(Event, {});
      const about = items.filter(({ involvedObject }) => involvedObject.name === name);
      return about.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
    },
    async shell(name, command) {
      const id = (await read(name)).status?.containerStatuses?.[0]?.containerID?.split('://')[1] ?? '';
      const answer = await machine.runtime.execSync(id, { command: ['sh', '-c', command], timeoutMs: 10_000 });
      return Buffer.concat([answer.stdout, answer.stderr]).toString();
    },
    async stop() {
      ending.abort();
      await store[Symbol.asyncDispose]();
      await unmountSecrets(dirs.pods);
      await machine.stop();
    },
  };
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += LOOK_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(LOOK_MS);
  }
  throw new Error(`Cannot see ${what} as it should be after ${GIVE_UP_MS} ms`);
}

async function unmountSecrets(podsDir: string): Promise<void> {
  await promisify(execFile)('umount', [join(podsDir, '.secrets')]);
}
