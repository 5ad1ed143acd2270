/** Waits until a containerd that was just started answers. */
import type { World } from '#base/world';
import { RuntimeError, isRuntimeError } from '../runtime-error.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { openGrpcChannel } from './grpc-channel.ts';

export type ReadinessOptions = {
  readonly timeoutMs: number;
  readonly alive: () => Promise<boolean>;
  readonly world: World;
};

const POLL_MS = 15;
const CALL_TIMEOUT_MS = 2_000;

export async function awaitContainerd(
  socketPath: string,
  { timeoutMs, alive, world }: ReadinessOptions,
): Promise<void> {
  const giveUpAtMs = world.clock.now() + timeoutMs;
  for (;;) {
    const problem = await ask(socketPath, world);
    if (problem === undefined) return;
    if (!(await alive())) throw new RuntimeError('Unavailable', 'Cannot reach containerd: it has ended');
    if (world.clock.now() > giveUpAtMs) {
      throw new RuntimeError('Unavailable', `Cannot reach containerd: no answer within ${timeoutMs} ms`, {
        cause: problem,
      });
    }
    await world.clock.sleep(POLL_MS);
  }
}

// A new channel each time: an old one would wait longer and longer before it tries the socket again.
async function ask(socketPath: string, world: World): Promise<unknown> {
  const channel = openGrpcChannel(socketPath, world.clock);
  try {
    // It tells its version before it knows its containers again; for its status it waits until then.
    await channel.call(RuntimeService.method.status, {}, { timeoutMs: CALL_TIMEOUT_MS });
    return undefined;
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    return error;
  } finally {
    channel.close();
  }
}
