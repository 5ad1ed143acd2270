/** A connection to a port on a pod's own localhost, through the runtime, which can enter the pod's network. */
import { Duplex } from 'node:stream';
import type { SpdyConnection } from '../../streams/spdy/connection.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { CriContext } from './cri-context.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { dialSpdy } from './spdy-dial.ts';

export type PodPort = { readonly sandboxId: string; readonly port: number; readonly signal: AbortSignal | undefined };

const PROTOCOL = 'portforward.k8s.io';
// It names the sandbox's id, which means nothing to the one who asked.
const RUNTIME_PREFIX = /^error forwarding port \d+ to pod [^:]*: /;

export async function openPodPort({ channel }: CriContext, { sandboxId, port, signal }: PodPort): Promise<Duplex> {
  const { url } = await channel.call(
    RuntimeService.method.portForward,
    { podSandboxId: sandboxId, port: [port] },
    { signal },
  );
  const connection = await dialSpdy({ url, protocol: PROTOCOL, signal });
  const headers = { port: String(port), requestid: '0' };
  const error = connection.openStream({ ...headers, streamtype: 'error' });
  error.end();
  const data = connection.openStream({ ...headers, streamtype: 'data' });
  return withComplaint(data, complaintOf(error, connection), connection);
}

/** Empty when all went well. */
function complaintOf(error: Duplex, connection: SpdyConnection): Promise<string> {
  let text = '';
  error.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  const ended = new Promise<void>((resolve) => {
    error.once('end', resolve);
    error.once('close', resolve);
  });
  return Promise.race([ended, connection.closed]).then(() => text.replace(RUNTIME_PREFIX, ''));
}

/** The runtime ends the data first and complains afterwards: the end is told only when it is known what it means. */
function withComplaint(data: Duplex, complaint: Promise<string>, connection: SpdyConnection): Duplex {
  const port = new Duplex({
    read: () => data.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      data.write(chunk, done);
    },
    final: (done) => {
      data.end(done);
    },
    destroy: (error, done) => {
      // One connection serves one port once.
      connection.close();
      connection.destroy();
      done(error);
    },
  });
  data.on('data', (chunk: Buffer) => {
    if (!port.push(chunk)) data.pause();
  });
  const finish = async (): Promise<void> => {
    const text = await complaint;
    if (text !== '') port.destroy(new RuntimeError('Failed', text));
    else if (!port.destroyed && !port.readableEnded) port.push(null);
  };
  data.once('end', () => void finish());
  data.once('close', () => void finish());
  port.on('error', () => undefined); // its user has listeners of its own, and may have left
  return port;
}
