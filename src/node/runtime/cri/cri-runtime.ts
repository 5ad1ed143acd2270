/** The port to containers, on containerd: CRI for pods, containerd's own services where CRI has no good word. */
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Runtime, RuntimeCondition, RuntimeStatus } from '../runtime.ts';
import { containerCalls } from './container-calls.ts';
import type { CriContext } from './cri-context.ts';
import { ExitLedger } from './exit-ledger.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { openGrpcChannel } from './grpc-channel.ts';
import { imageCalls } from './image-calls.ts';
import { runtimeEvents } from './runtime-events.ts';
import { sandboxCalls } from './sandbox-calls.ts';
import { streamCalls } from './stream-calls.ts';
import { statsReader } from './runtime-stats.ts';

export type CriRuntimeOptions = {
  readonly socketPath: string;
  /** A folder of ours for the pipes of exec'd processes. */
  readonly execDir: string;
  readonly world: World;
  readonly log: Logger;
};

export type CriRuntime = Runtime & Disposable;

export function openCriRuntime({ socketPath, execDir, world, log }: CriRuntimeOptions): CriRuntime {
  const channel = openGrpcChannel(socketPath, world.clock);
  const context: CriContext = { channel, socketPath, execDir, exits: new ExitLedger(), world, log };
  return {
    version: async (signal) => {
      const reply = await channel.call(RuntimeService.method.version, {}, { signal });
      return { name: reply.runtimeName, version: reply.runtimeVersion };
    },
    status: async (signal) => {
      const reply = await channel.call(RuntimeService.method.status, {}, { signal });
      return decodeRuntimeStatus(reply.status?.conditions ?? []);
    },
    ...sandboxCalls(context),
    ...containerCalls(context),
    ...imageCalls(context),
    ...streamCalls(context),
    events: (signal) => runtimeEvents(context, signal),
    stats: statsReader(context),
    [Symbol.dispose]: () => channel.close(),
  };
}

type ConditionMessage = {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
};

function decodeRuntimeStatus(conditions: readonly ConditionMessage[]): RuntimeStatus {
  return { runtime: decodeCondition(conditions, 'RuntimeReady'), network: decodeCondition(conditions, 'NetworkReady') };
}

function decodeCondition(conditions: readonly ConditionMessage[], type: string): RuntimeCondition {
  const found = conditions.find((condition) => condition.type === type);
  if (found === undefined) return { ready: false, reason: 'Unknown', message: `the runtime does not report ${type}` };
  return { ready: found.status, reason: found.reason, message: found.message };
}
