/** The sandbox half of the port, over CRI's runtime service. */
import type { PodResources } from '../isolation.ts';
import type { Runtime } from '../runtime.ts';
import { RuntimeError, isRuntimeError } from '../runtime-error.ts';
import type { SandboxConfig, SandboxStatus, SandboxSummary } from '../sandbox.ts';
import type { CriContext } from './cri-context.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { orGone } from './or-gone.ts';
import { limitPod, removePodCgroup } from './pod-cgroup.ts';
import { cgroupParentOf, decodeIps, decodeSandbox, decodeSandboxPid, encodeSandbox } from './sandbox-codec.ts';

export type SandboxCalls = Pick<
  Runtime,
  | 'runPodSandbox'
  | 'stopPodSandbox'
  | 'removePodSandbox'
  | 'podSandboxStatus'
  | 'listPodSandboxes'
  | 'updatePodResources'
>;

const methods = RuntimeService.method;

export function sandboxCalls(context: CriContext): SandboxCalls {
  const { channel } = context;
  return {
    runPodSandbox: (config, signal) => run(context, config, signal),
    stopPodSandbox: (id, signal) => orGone(channel.call(methods.stopPodSandbox, { podSandboxId: id }, { signal })),
    removePodSandbox: async (id, signal) => {
      const cgroup = await cgroupOf(context, id, signal);
      await orGone(channel.call(methods.removePodSandbox, { podSandboxId: id }, { signal }));
      if (cgroup !== undefined && !(await isShared(context, cgroup, signal)))
        await removePodCgroup(cgroup, context.world.clock);
    },
    podSandboxStatus: async (id, signal) => {
      const reply = await channel.call(methods.podSandboxStatus, { podSandboxId: id, verbose: true }, { signal });
      if (reply.status === undefined) throw new RuntimeError('NotFound', `Cannot find sandbox "${id}"`);
      const summary = corrected(decodeSandbox(reply.status), context);
      const pid = summary.state === 'Ready' ? decodeSandboxPid(reply.info) : undefined;
      return Object.freeze<SandboxStatus>({
        ...summary,
        ips: decodeIps(reply.status),
        ...(pid === undefined ? {} : { netnsPath: `/proc/${pid}/ns/net` }),
      });
    },
    listPodSandboxes: async (signal) => {
      const { items } = await channel.call(methods.listPodSandbox, {}, { signal });
      return items.map((item) => corrected(decodeSandbox(item), context));
    },
    updatePodResources: async (id, resources) => {
      const cgroup = await cgroupOf(context, id);
      if (cgroup === undefined) throw new RuntimeError('NotFound', `Cannot find the cgroup of sandbox "${id}"`);
      await limitPod(cgroup, resources);
    },
  };
}

async function run(context: CriContext, config: SandboxConfig, signal?: AbortSignal): Promise<string> {
  const request = { config: encodeSandbox(config), runtimeHandler: config.runtimeHandler ?? '' };
  const { podSandboxId } = await context.channel.call(methods.runPodSandbox, request, { signal });
  if (config.resources !== undefined) await limit(context, { id: podSandboxId, config, resources: config.resources });
  return podSandboxId;
}

type Limits = { readonly id: string; readonly config: SandboxConfig; readonly resources: PodResources };

/** A sandbox that does not hold to its limits must not be used. */
async function limit({ channel }: CriContext, { id, config, resources }: Limits): Promise<void> {
  try {
    await limitPod(config.cgroupParent, resources);
  } catch (error) {
    await channel.call(methods.stopPodSandbox, { podSandboxId: id });
    await channel.call(methods.removePodSandbox, { podSandboxId: id });
    throw error;
  }
}

function corrected(sandbox: SandboxSummary, { exits }: CriContext): SandboxSummary {
  return exits.has(sandbox.id) ? Object.freeze({ ...sandbox, state: 'NotReady' as const }) : sandbox;
}

async function cgroupOf({ channel }: CriContext, id: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { status } = await channel.call(methods.podSandboxStatus, { podSandboxId: id }, { signal });
    return status === undefined ? undefined : cgroupParentOf(status);
  } catch (error) {
    if (isRuntimeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** A pod's earlier and later sandbox have the same cgroup. */
async function isShared({ channel }: CriContext, cgroup: string, signal?: AbortSignal): Promise<boolean> {
  const { items } = await channel.call(methods.listPodSandbox, {}, { signal });
  return items.some((item) => cgroupParentOf(item) === cgroup);
}
