/** A connection to a port on a pod's own localhost, through the runtime, which can enter the pod's network. */
import type { Duplex } from 'node:stream';
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
  // The complaint comes in one piece, and before the end of the data.
  error.once('data', (complaint: Buffer) => {
    data.destroy(new RuntimeError('Failed', complaint.toString('utf8').replace(RUNTIME_PREFIX, '')));
  });
  // One connection serves one port once.
  data.once('close', () => {
    connection.close();
    connection.destroy();
  });
  return data;
}
