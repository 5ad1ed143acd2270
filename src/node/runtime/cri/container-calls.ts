/** The container half of the port, over CRI's runtime service. */
import type { ContainerStatus, ContainerSummary } from '../container.ts';
import type { Runtime, SyncRequest, SyncResult } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import { decodeContainer, decodeStatus, encodeContainer, encodeResources } from './container-codec.ts';
import type { CriContext } from './cri-context.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { wholeSeconds } from './numbers.ts';
import { orGone } from './or-gone.ts';
import { encodeSandbox } from './sandbox-codec.ts';

export type ContainerCalls = Pick<
  Runtime,
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'containerStatus'
  | 'listContainers'
  | 'updateContainerResources'
  | 'reopenContainerLog'
  | 'execSync'
>;

const methods = RuntimeService.method;

// How long the CRI plug-in may lag behind an exit that an event has told, and how often to look.
const LAG_TIMEOUT_MS = 2_000;
const LAG_POLL_MS = 5;
// The runtime kills an overdue command itself; this is for a runtime that does not answer.
const SYNC_SLACK_MS = 5_000;

export function containerCalls(context: CriContext): ContainerCalls {
  const { channel } = context;
  return {
    createContainer: async (request, signal) => {
      const message = {
        podSandboxId: request.sandboxId,
        config: encodeContainer(request),
        sandboxConfig: encodeSandbox(request.sandbox),
      };
      return (await channel.call(methods.createContainer, message, { signal })).containerId;
    },
    startContainer: async (id, signal) => {
      await channel.call(methods.startContainer, { containerId: id }, { signal });
    },
    stopContainer: (id, graceMs, signal) =>
      orGone(channel.call(methods.stopContainer, { containerId: id, timeout: wholeSeconds(graceMs) }, { signal })),
    removeContainer: (id, signal) => orGone(channel.call(methods.removeContainer, { containerId: id }, { signal })),
    containerStatus: (id, signal) => settledStatus(context, id, signal),
    listContainers: async (signal) => {
      const reply = await channel.call(methods.listContainers, {}, { signal });
      return reply.containers.map((container) => corrected(decodeContainer(container), context));
    },
    updateContainerResources: async (id, resources, signal) => {
      await channel.call(
        methods.updateContainerResources,
        { containerId: id, linux: encodeResources(resources) },
        { signal },
      );
    },
    reopenContainerLog: async (id, signal) => {
      await channel.call(methods.reopenContainerLog, { containerId: id }, { signal });
    },
    execSync: (id, request, signal) => execSync(context, { id, request, signal }),
  };
}

/** An exit that was told as an event is awaited, for its reason is known only with the plug-in's own status. */
async function settledStatus(context: CriContext, id: string, signal?: AbortSignal): Promise<ContainerStatus> {
  const { clock } = context.world;
  const giveUpAtMs = clock.now() + LAG_TIMEOUT_MS;
  for (;;) {
    const { status } = await context.channel.call(methods.containerStatus, { containerId: id }, { signal });
    if (status === undefined) throw new RuntimeError('NotFound', `Cannot find container "${id}"`);
    const decoded = decodeStatus(status);
    if (decoded.state !== 'Running' || !context.exits.has(id)) return decoded;
    if (clock.now() > giveUpAtMs)
      throw new RuntimeError('Timeout', `Cannot read the exit of container "${id}": it is still said to run`);
    await clock.sleep(LAG_POLL_MS, signal);
  }
}

function corrected(container: ContainerSummary, { exits }: CriContext): ContainerSummary {
  if (container.state !== 'Running' || !exits.has(container.id)) return container;
  return Object.freeze({ ...container, state: 'Exited' as const });
}

type Sync = { readonly id: string; readonly request: SyncRequest; readonly signal: AbortSignal | undefined };

async function execSync({ channel }: CriContext, { id, request, signal }: Sync): Promise<SyncResult> {
  const message = { containerId: id, cmd: [...request.command], timeout: wholeSeconds(request.timeoutMs) };
  const reply = await channel.call(methods.execSync, message, { signal, timeoutMs: request.timeoutMs + SYNC_SLACK_MS });
  return { exitCode: reply.exitCode, stdout: Buffer.from(reply.stdout), stderr: Buffer.from(reply.stderr) };
}
