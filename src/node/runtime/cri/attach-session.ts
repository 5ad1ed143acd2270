/** Joins a running container's own streams. */
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { AttachRequest, StreamSession } from '../runtime.ts';
import type { SpdyConnection } from '../../streams/spdy/connection.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { CriContext } from './cri-context.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { dialSpdy } from './spdy-dial.ts';

const PROTOCOL = 'v4.channel.k8s.io';

export async function openAttachSession(
  { channel }: CriContext,
  containerId: string,
  { tty, stdin: wantsStdin, signal }: AttachRequest & { readonly signal: AbortSignal | undefined },
): Promise<StreamSession> {
  const request = { containerId, tty, stdin: wantsStdin, stdout: true, stderr: !tty };
  const { url } = await channel.call(RuntimeService.method.attach, request, { signal });
  const connection = await dialSpdy({ url, protocol: PROTOCOL, signal });
  const open = (streamtype: string) => connection.openStream({ streamtype });
  const error = open('error');
  const stdin = wantsStdin ? open('stdin') : undefined;
  const stdout = open('stdout');
  const stderr = tty ? undefined : open('stderr');
  const resize = tty ? open('resize') : undefined;
  const exit = outcome(error, connection);
  exit.catch(() => undefined); // whoever looks at it is told; nobody has to
  return {
    ...(stdin === undefined ? {} : { stdin }),
    stdout,
    stderr: stderr ?? Readable.from([]),
    exit,
    resize: async (columns, rows) => {
      resize?.write(JSON.stringify({ Width: columns, Height: rows }));
    },
    close: async () => {
      connection.close();
      connection.destroy();
      await connection.closed;
    },
  };
}

/** The error stream is empty, or a `Status` that tells of success, when the container's streams have ended. */
async function outcome(error: Readable, connection: SpdyConnection): Promise<number> {
  let text = '';
  error.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  // A container that is killed takes its streams along without a word.
  await Promise.race([finished(error, { writable: false }).catch(() => undefined), connection.closed]);
  const failure = failureOf(text);
  if (failure !== undefined) throw new RuntimeError('Failed', failure);
  return 0;
}

function failureOf(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status !== 'object' || status === null || !('status' in status) || status.status === 'Success')
      return undefined;
    return 'message' in status ? String(status.message) : text;
  } catch {
    return text;
  }
}
