/** What pods and containers use, read from their cgroups' files: many times cheaper than asking the runtime. */
import { join } from 'node:path';
import type { ContainerSummary } from '../container.ts';
import type { ContainerStats, SandboxStats } from '../runtime.ts';
import { isRuntimeError } from '../runtime-error.ts';
import { CGROUP_ROOT, detectCgroupLayout } from './cgroup-layout.ts';
import type { CgroupLayout } from './cgroup-layout.ts';
import { readCgroupUsage } from './cgroup-usage.ts';
import { decodeContainer } from './container-codec.ts';
import type { CriContext } from './cri-context.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import type { PodSandbox } from './generated/cri_pb.ts';
import { readNetworkUsage } from './network-usage.ts';
import { cgroupParentOf, decodeIps, decodeSandbox, decodeSandboxPid } from './sandbox-codec.ts';

export type StatsReader = (signal?: AbortSignal) => Promise<readonly SandboxStats[]>;

/** A sandbox's first process leads to its network. `undefined`: the network is the node's. */
type Pids = Map<string, number | undefined>;

const methods = RuntimeService.method;

export function statsReader(context: CriContext): StatsReader {
  const pids: Pids = new Map();
  return async (signal) => {
    const [{ items }, { containers }, layout] = await Promise.all([
      context.channel.call(methods.listPodSandbox, {}, { signal }),
      context.channel.call(methods.listContainers, {}, { signal }),
      detectCgroupLayout(CGROUP_ROOT),
    ]);
    const ready = items.filter((item) => decodeSandbox(item).state === 'Ready');
    await learnPids(context, { ready, pids, signal });
    const running = containers.map(decodeContainer).filter(({ state }) => state === 'Running');
    const bySandbox = Map.groupBy(running, ({ sandboxId }) => sandboxId);
    const atMs = context.world.clock.now();
    return ready.flatMap((sandbox) =>
      readSandbox(sandbox, { layout, atMs, containers: bySandbox.get(sandbox.id) ?? [], pid: pids.get(sandbox.id) }),
    );
  };
}

type Reading = {
  readonly layout: CgroupLayout;
  readonly atMs: number;
  readonly containers: readonly ContainerSummary[];
  readonly pid: number | undefined;
};

function readSandbox(sandbox: PodSandbox, reading: Reading): readonly SandboxStats[] {
  const cgroup = cgroupParentOf(sandbox);
  if (cgroup === undefined) return [];
  const usage = readCgroupUsage(CGROUP_ROOT, cgroup, reading.layout);
  if (usage === undefined) return [];
  const network = reading.pid === undefined ? undefined : readNetworkUsage(reading.pid);
  const { id, metadata } = decodeSandbox(sandbox);
  const containers = reading.containers.flatMap((container) => readContainer(container, cgroup, reading));
  const { memoryRssBytes: _ofContainersOnly, ...podUsage } = usage;
  return [{ id, metadata, atMs: reading.atMs, ...podUsage, ...(network === undefined ? {} : { network }), containers }];
}

function readContainer(
  { id, metadata }: ContainerSummary,
  cgroup: string,
  { layout, atMs }: Reading,
): readonly ContainerStats[] {
  const usage = readCgroupUsage(CGROUP_ROOT, join(cgroup, id), layout);
  return usage === undefined ? [] : [{ id, name: metadata.name, atMs, ...usage }];
}

type Lesson = { readonly ready: readonly PodSandbox[]; readonly pids: Pids; readonly signal: AbortSignal | undefined };

async function learnPids({ channel }: CriContext, { ready, pids, signal }: Lesson): Promise<void> {
  const living = new Set(ready.map(({ id }) => id));
  for (const id of pids.keys()) if (!living.has(id)) pids.delete(id);
  const unknown = ready.filter(({ id }) => !pids.has(id));
  await Promise.all(unknown.map(async ({ id }) => pids.set(id, await askPid(id))));

  async function askPid(id: string): Promise<number | undefined> {
    try {
      const { status, info } = await channel.call(
        methods.podSandboxStatus,
        { podSandboxId: id, verbose: true },
        { signal },
      );
      const sharesTheNodes = status === undefined || decodeIps(status).length === 0;
      return sharesTheNodes ? undefined : decodeSandboxPid(info);
    } catch (error) {
      if (isRuntimeError(error, 'NotFound')) return undefined; // removed since it was listed
      throw error;
    }
  }
}
