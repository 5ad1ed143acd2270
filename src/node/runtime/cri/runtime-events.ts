/** containerd's event stream as the port's events: opened again whenever it breaks, `Relist` first each time. */
import { abortScope, isAbortOf } from '#base/abort';
import { backoffMs } from '#base/backoff';
import { errorMessage } from '#base/errors';
import type { RuntimeEvent } from '../runtime.ts';
import { isRuntimeError } from '../runtime-error.ts';
import { ContainerKinds } from './container-kinds.ts';
import type { Kind } from './container-kinds.ts';
import type { CriContext } from './cri-context.ts';
import { decodeNotice } from './event-codec.ts';
import type { Notice } from './event-codec.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { Events } from './generated/events_pb.ts';

const RECONNECT = { baseMs: 20, capMs: 1_000, jitter: 0.2 };
const PROBE_EVERY_MS = 20;

export async function* runtimeEvents(context: CriContext, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const kinds = new ContainerKinds(context.channel);
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      for await (const event of subscription(context, kinds, signal)) {
        failures = 1;
        yield event;
      }
      await context.world.clock.sleep(backoffMs(failures, RECONNECT, context.world.random), signal);
    } catch (error) {
      if (isAbortOf(error, signal)) return;
      throw error;
    }
  }
}

/** Ends when the stream breaks, as it does with each end of containerd. */
async function* subscription(
  context: CriContext,
  kinds: ContainerKinds,
  parent: AbortSignal,
): AsyncGenerator<RuntimeEvent> {
  using scope = abortScope(parent);
  const probe = `/tutti/subscribed/${context.world.newId()}`;
  const probing = sendProbes(context, probe, scope.signal);
  let live = false;
  try {
    for await (const envelope of context.channel.stream(
      Events.method.subscribe,
      { filters: filtersFor(probe) },
      scope.signal,
    )) {
      if (envelope.topic === probe) {
        if (live) continue;
        live = true;
        await probing.stop();
        yield { type: 'Relist' };
        continue;
      }
      const notice = decodeNotice(envelope);
      const event =
        notice === undefined ? undefined : await interpret(notice, { context, kinds, signal: scope.signal });
      if (event !== undefined) yield event;
    }
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    context.log.debug('the event stream broke and is opened again', { reason: errorMessage(error) });
  } finally {
    await probing.stop();
  }
}

// Quotes go around a value with slashes, and around no other: containerd's own grammar.
function filtersFor(probe: string): string[] {
  return [
    'namespace==k8s.io,topic~="^/tasks/(start|exit|oom)$"',
    'namespace==k8s.io,topic~="^/containers/(create|delete)$"',
    `namespace==k8s.io,topic=="${probe}"`,
  ];
}

/**
 * Nobody tells us from which moment on a subscription counts, and a list made before it would miss what came between:
 * an event of our own that comes back proves that it counts.
 */
function sendProbes({ channel, world }: CriContext, topic: string, parent: AbortSignal): { stop(): Promise<void> } {
  const scope = abortScope(parent);
  const sending = send();
  return {
    stop: async () => {
      scope.abort();
      await sending;
    },
  };

  async function send(): Promise<void> {
    const event = { typeUrl: 'tutti.Subscribed' };
    try {
      for (; !scope.signal.aborted; await world.clock.sleep(PROBE_EVERY_MS, scope.signal)) {
        // A list is of use only from a runtime that knows its containers again.
        const answers = await channel
          .call(RuntimeService.method.status, {}, { signal: scope.signal })
          .then(() => true, isNotReady);
        if (answers) await channel.call(Events.method.publish, { topic, event }, { signal: scope.signal });
      }
    } catch (error) {
      // Where publishing fails the stream breaks too, and all of this starts again.
      if (!isAbortOf(error, scope.signal) && !isRuntimeError(error)) throw error;
    }
  }
}

function isNotReady(error: unknown): false {
  if (isRuntimeError(error, 'Unavailable')) return false;
  throw error;
}

type Setting = { readonly context: CriContext; readonly kinds: ContainerKinds; readonly signal: AbortSignal };

async function interpret(notice: Notice, { context, kinds, signal }: Setting): Promise<RuntimeEvent | undefined> {
  const kind = await kinds.kindOf(notice.id, signal);
  if (notice.type === 'Exited' && kind !== undefined) context.exits.add(notice.id);
  if (notice.type === 'Deleted') {
    kinds.forget(notice.id);
    context.exits.forget(notice.id);
  }
  return kind === undefined ? undefined : eventFor(kind, notice);
}

/** Pure. */
export function eventFor(kind: Kind, notice: Notice): RuntimeEvent | undefined {
  const { id, atMs } = notice;
  switch (notice.type) {
    case 'Created':
      return undefined; // it is asked for its kind early, as long as it can tell
    case 'Started':
      return kind === 'Container' ? { type: 'ContainerStarted', id, atMs } : undefined;
    case 'Exited':
      return kind === 'Container'
        ? { type: 'ContainerExited', id, atMs, exitCode: notice.exitCode }
        : { type: 'SandboxExited', id, atMs };
    case 'OutOfMemory':
      return kind === 'Container' ? { type: 'ContainerOutOfMemory', id, atMs } : undefined;
    case 'Deleted':
      return { type: kind === 'Container' ? 'ContainerRemoved' : 'SandboxRemoved', id, atMs };
  }
}
