/** A connection to a port on a pod's own localhost, through the runtime, which can enter the pod's network. */
import type { Duplex } from 'node:stream';
import { RuntimeError } from '../runtime-error.ts';
import type { CriContext } from './cri-context.ts';
import { RuntimeService } from './generated/cri_pb.ts';
import { dialSpdy } from './spdy-dial.ts';

export type PodPort = { readonly sandboxId: string; readonly port: number; readonly signal: AbortSignal | undefined };

const PROTOCOL = 'portforward.k8s.io';

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
  let complaint = '';
  error.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8');
  });
  error.once('end', () => {
    if (complaint !== '') data.destroy(new RuntimeError('Failed', complaint));
  });
  // One connection serves one port once.
  data.once('close', () => {
    connection.close();
    connection.destroy();
  });
  return data;
}
