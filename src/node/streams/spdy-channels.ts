/** A remote command over SPDY: the client opens one stream for each channel and names it in a header. */
import type { Readable } from 'node:stream';
import { deadlineScope, unlessAborted } from '#base/abort';
import type { World } from '#base/world';
import { decodeTerminalSize } from './remote-channels.ts';
import type { RemoteChannels, TerminalSize } from './remote-channels.ts';
import type { RemoteOptions } from './remote-options.ts';
import { acceptSpdy } from './spdy-upgrade.ts';
import type { SpdyConnection } from './spdy/connection.ts';
import type { SpdyStream } from './spdy/stream.ts';
import type { UpgradeRequest } from './upgrade.ts';

const SPDY_REMOTE_PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io'];

const STREAMS_TIMEOUT_MS = 30_000;
const GOODBYE_TIMEOUT_MS = 10_000;
// A size is forty bytes; what grows beyond this without being one never will be.
const LONGEST_SIZE_TEXT = 4_096;

type Setting = { readonly options: RemoteOptions; readonly world: World };

/** Undefined when nothing was agreed; the client has its answer then. */
export async function acceptSpdyChannels(
  upgrade: UpgradeRequest,
  { options, world }: Setting,
): Promise<RemoteChannels | undefined> {
  const accepted = acceptSpdy(upgrade, SPDY_REMOTE_PROTOCOLS);
  if (accepted === undefined) return undefined;
  const { connection, protocol } = accepted;
  const streams = await collectStreams(connection, { wanted: wantedStreams(options, protocol), world });
  const error = streams?.get('error');
  if (streams === undefined || error === undefined) {
    connection.destroy();
    return undefined;
  }
  const [stdin, stdout, stderr, resize] = ['stdin', 'stdout', 'stderr', 'resize'].map((name) => streams.get(name));
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    sizes: resize === undefined ? none() : readSizes(resize),
    statusForm: protocol === 'v4.channel.k8s.io' ? 'json' : 'text',
    closed: connection.closed,
    finish: async (status) => {
      for (const output of [stdout, stderr]) output?.end();
      error.end(status);
      await Promise.all([...streams.values()].map(ended));
      connection.close();
      await closing(connection, world);
    },
    destroy: () => connection.destroy(),
  };
}

function wantedStreams({ stdin, stdout, stderr, tty }: RemoteOptions, protocol: string): readonly string[] {
  const wanted = { error: true, stdin, stdout, stderr, resize: tty && protocol !== 'v2.channel.k8s.io' };
  return Object.entries(wanted).flatMap(([name, isWanted]) => (isWanted ? [name] : []));
}

type Collection = { readonly wanted: readonly string[]; readonly world: World };

/** Undefined when the client left, or did not open them all in time. */
async function collectStreams(
  connection: SpdyConnection,
  { wanted, world }: Collection,
): Promise<ReadonlyMap<string, SpdyStream> | undefined> {
  const streams = new Map<string, SpdyStream>();
  using deadline = deadlineScope(STREAMS_TIMEOUT_MS, world.clock);
  try {
    while (wanted.some((name) => !streams.has(name))) {
      const next = await unlessAborted(connection.incoming.next(), deadline.signal);
      if (next.done === true) return undefined;
      streams.set((next.value.headers['streamtype'] ?? '').toLowerCase(), next.value);
    }
  } catch {
    return undefined;
  }
  return streams;
}

/** Resolves when all that was written is handed on, or never can be. */
function ended(stream: SpdyStream): Promise<void> {
  stream.end();
  if (stream.writableFinished || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('finish', resolve);
    stream.once('close', resolve);
  });
}

/** The client closes after us; one that does not is not waited for. */
async function closing(connection: SpdyConnection, world: World): Promise<void> {
  using _timer = world.clock.setTimer(GOODBYE_TIMEOUT_MS, () => connection.destroy());
  await connection.closed;
}

/** Sizes follow one another as JSON objects without anything between them. */
async function* readSizes(stream: Readable): AsyncGenerator<TerminalSize> {
  let text = '';
  try {
    for await (const chunk of stream) {
      text += String(chunk);
      for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
        const size = decodeTerminalSize(text.slice(0, end + 1));
        text = text.slice(end + 1);
        if (size !== undefined) yield size;
      }
      if (text.length > LONGEST_SIZE_TEXT) return;
    }
  } catch {
    // A broken connection ends the sizes, and is told by the connection's own end.
  }
}

async function* none(): AsyncGenerator<TerminalSize> {
  // No terminal, no sizes.
}
