/** Serves exec and attach to a client: agrees on a protocol, opens the session, moves bytes, tells the outcome. */
import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { StreamSession } from '../runtime/runtime.ts';
import { peekSize } from './peek-size.ts';
import type { RemoteChannels, TerminalSize } from './remote-channels.ts';
import { decodeRemoteOptions, problemOf } from './remote-options.ts';
import type { RemoteOptions } from './remote-options.ts';
import { encodeOutcome } from './remote-status.ts';
import type { RemoteOutcome } from './remote-status.ts';
import { acceptSpdyChannels } from './spdy-channels.ts';
import { queryOf, refuseUpgrade, transportOf } from './upgrade.ts';
import type { UpgradeRequest } from './upgrade.ts';
import { acceptWebSocketChannels } from './websocket-channels.ts';

export type RemoteCommandKind = 'exec' | 'attach';

export type RemoteCommandOptions = {
  readonly kind: RemoteCommandKind;
  /** Called once, after the protocol is agreed; what it throws is told to the client. */
  readonly open: (options: RemoteOptions) => Promise<StreamSession>;
  readonly world: World;
  readonly log: Logger;
};

const ACTIONS = { exec: 'executing command in container', attach: 'attaching to container' } as const;

/** Resolves when the connection has ended; never rejects. */
export async function handleRemoteCommand(upgrade: UpgradeRequest, options: RemoteCommandOptions): Promise<void> {
  upgrade.socket.on('error', () => upgrade.socket.destroy());
  try {
    await serve(upgrade, options);
  } catch (error) {
    options.log.warn('a remote command broke', { kind: options.kind, reason: errorMessage(error) });
    upgrade.socket.destroy();
  }
}

async function serve(upgrade: UpgradeRequest, options: RemoteCommandOptions): Promise<void> {
  const remote = decodeRemoteOptions(queryOf(upgrade.request));
  const problem = problemOf(remote);
  if (problem !== undefined) return refuseUpgrade(upgrade.socket, 400, problem);
  const channels = await acceptChannels(upgrade, { options: remote, world: options.world });
  if (channels === undefined) return;
  const outcome = await runSession(channels, remote, options);
  await channels.finish(encodeOutcome(outcome, channels.statusForm));
}

async function acceptChannels(
  upgrade: UpgradeRequest,
  setting: { readonly options: RemoteOptions; readonly world: World },
): Promise<RemoteChannels | undefined> {
  switch (transportOf(upgrade.request)) {
    case 'websocket':
      return acceptWebSocketChannels(upgrade, setting);
    case 'spdy':
      return acceptSpdyChannels(upgrade, setting);
    case undefined:
      refuseUpgrade(upgrade.socket, 400, 'unable to upgrade: missing upgrade headers in request');
      return undefined;
  }
}

async function runSession(
  channels: RemoteChannels,
  remote: RemoteOptions,
  { kind, open, world }: RemoteCommandOptions,
): Promise<RemoteOutcome> {
  try {
    const sizes = remote.tty ? await peekSize(channels.sizes, world.clock) : undefined;
    const session = await open(sizes?.first === undefined ? remote : { ...remote, size: sizes.first });
    if (sizes !== undefined) void followSizes(session, sizes.all);
    const exitCode = await connect(session, channels);
    return { type: 'Exited', exitCode, command: remote.command };
  } catch (error) {
    return { type: 'Failed', action: ACTIONS[kind], error };
  }
}

/** Resolves with the exit code once all output is on its way. */
async function connect(session: StreamSession, channels: RemoteChannels): Promise<number> {
  void channels.closed.then(() => session.close()).catch(() => undefined); // a failure to close is told by `exit`
  void feed(channels.stdin, session.stdin);
  const outputs = Promise.all([drain(session.stdout, channels.stdout), drain(session.stderr, channels.stderr)]);
  try {
    return await session.exit;
  } finally {
    await outputs;
    await session.close();
  }
}

/** A process that stops reading does not stop its user from typing: the rest is thrown away. */
async function feed(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined) return;
  if (to !== undefined) await pipeline(from, to, { end: true }).catch(() => undefined);
  if (!from.destroyed) from.resume();
}

/** Output nobody asked for is thrown away, or the process would stand still. */
async function drain(from: Readable, to: Writable | undefined): Promise<void> {
  if (to === undefined) {
    from.resume();
    return;
  }
  // A client that left is told by its connection's end.
  await pipeline(from, to, { end: false }).catch(() => from.destroy());
}

async function followSizes(session: StreamSession, sizes: AsyncIterable<TerminalSize>): Promise<void> {
  try {
    for await (const { columns, rows } of sizes) await session.resize(columns, rows);
  } catch {
    // The process has ended before its terminal was resized.
  }
}
