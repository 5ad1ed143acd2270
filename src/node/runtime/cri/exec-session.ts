/** Runs a process beside a container's first one through containerd's task service, which knows end of file and sizes. */
import { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { join } from 'node:path';
import type { ExecRequest, StreamSession } from '../runtime.ts';
import { RuntimeError, isRuntimeError } from '../runtime-error.ts';
import type { CriContext } from './cri-context.ts';
import { openExecPipes } from './exec-pipes.ts';
import type { ExecPipes } from './exec-pipes.ts';
import { Containers } from './generated/containers_pb.ts';
import { Tasks } from './generated/tasks_pb.ts';
import { planProcessSpec } from './process-spec.ts';

const PROCESS_TYPE = 'types.containerd.io/opencontainers/runtime-spec/1/Process';
const SIGKILL = 9;
const methods = Tasks.method;

// A process may leave others behind that keep its output open: silence this long after its exit ends the session.
const SILENCE_MS = 1_000;
const SILENCE_POLL_MS = 50;

type Execution = { readonly containerId: string; readonly execId: string };

export async function openExecSession(
  context: CriContext,
  containerId: string,
  request: ExecRequest & { readonly signal: AbortSignal | undefined },
): Promise<StreamSession> {
  const { signal } = request;
  const execution: Execution = { containerId, execId: context.world.newId() };
  const spec = planProcessSpec(await containerSpec(context, containerId, signal), request);
  const pipes = await openExecPipes(join(context.execDir, execution.execId), request);
  try {
    const value = new TextEncoder().encode(spec);
    const process = { ...execution, ...pipes.paths, terminal: request.tty, spec: { typeUrl: PROCESS_TYPE, value } };
    await context.channel.call(methods.exec, process, { signal });
    return await start(context, execution, { pipes, request });
  } catch (error) {
    await pipes.remove();
    throw error;
  }
}

async function containerSpec({ channel }: CriContext, id: string, signal: AbortSignal | undefined): Promise<string> {
  const { container } = await channel.call(Containers.method.get, { id }, { signal });
  if (container?.spec === undefined) throw new RuntimeError('NotFound', `Cannot find container "${id}"`);
  return new TextDecoder().decode(container.spec.value);
}

type Preparation = {
  readonly pipes: ExecPipes;
  readonly request: ExecRequest & { readonly signal: AbortSignal | undefined };
};

async function start(
  context: CriContext,
  execution: Execution,
  { pipes, request }: Preparation,
): Promise<StreamSession> {
  const { channel } = context;
  // Asked for before the start, or the exit of a short process would be missed.
  const exited = channel.call(methods.wait, execution);
  exited.catch(() => undefined); // told through `exit`
  try {
    await channel.call(methods.start, execution, { signal: request.signal });
  } catch (error) {
    await deleteProcess(context, execution);
    throw error;
  }
  const { stdout, stderr } = pipes.read();
  const outputs = stderr === undefined ? [stdout] : [stdout, stderr];
  const stdin = request.stdin ? await pipes.write(() => closeInput(context, execution)) : undefined;
  await pipes.remove();
  let isOver = false;
  const exit = exited.then(
    async ({ exitStatus }) => {
      isOver = true;
      stdin?.destroy();
      await untilSilent(outputs, context);
      await deleteProcess(context, execution);
      for (const output of outputs) output.push(null);
      return exitStatus;
    },
    async (error: unknown) => {
      isOver = true;
      end(stdin, outputs);
      throw error;
    },
  );
  exit.catch(() => undefined); // whoever looks at it is told; nobody has to
  return {
    ...(stdin === undefined ? {} : { stdin }),
    stdout,
    stderr: stderr ?? Readable.from([]),
    exit,
    resize: async (width, height) => {
      if (request.tty && !isOver) await channel.call(methods.resizePty, { ...execution, width, height });
    },
    close: async () => {
      if (!isOver) await kill(context, execution);
      end(stdin, outputs);
    },
  };
}

function end(stdin: Writable | undefined, outputs: readonly Socket[]): void {
  stdin?.destroy();
  for (const output of outputs) output.destroy();
}

async function closeInput({ channel }: CriContext, execution: Execution): Promise<void> {
  await orEnded(channel.call(methods.closeIO, { ...execution, stdin: true }));
}

async function kill({ channel }: CriContext, execution: Execution): Promise<void> {
  await orEnded(channel.call(methods.kill, { ...execution, signal: SIGKILL }));
}

/** Forgets the process; the shim closes its ends of the pipes. */
async function deleteProcess({ channel }: CriContext, execution: Execution): Promise<void> {
  await orEnded(channel.call(methods.deleteProcess, execution));
}

/** The process, or its container, may end while we ask something of it. */
async function orEnded(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (
      isRuntimeError(error, 'NotFound') ||
      (isRuntimeError(error, 'Failed') && /already finished|not running|not found/.test(error.message))
    )
      return;
    throw error;
  });
}

/** Resolves when all output has been read, or none has come for a while although its reader was waiting. */
async function untilSilent(outputs: readonly Socket[], { world }: CriContext): Promise<void> {
  const open = (): readonly Socket[] => outputs.filter((output) => !output.readableEnded && !output.destroyed);
  let seenBytes = -1;
  for (let quietMs = 0; open().length > 0 && quietMs < SILENCE_MS; quietMs += SILENCE_POLL_MS) {
    const bytes = outputs.reduce((sum, output) => sum + output.bytesRead, 0);
    // A slow reader is no silence: what it has not taken yet waits in the pipe.
    if (bytes !== seenBytes || outputs.some((output) => output.readableLength > 0)) quietMs = 0;
    seenBytes = bytes;
    await world.clock.sleep(SILENCE_POLL_MS);
  }
}
