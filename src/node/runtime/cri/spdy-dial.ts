/** Speaks SPDY to the streaming server of the CRI plug-in, which has the only word for attach and port-forward. */
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpdyConnection } from '../../streams/spdy/connection.ts';
import { RuntimeError } from '../runtime-error.ts';

export type Dial = { readonly url: string; readonly protocol: string; readonly signal: AbortSignal | undefined };

const ANSWER_LIMIT_BYTES = 4_096;

export function dialSpdy({ url, protocol, signal }: Dial): Promise<SpdyConnection> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': protocol };
    const dialing = request(url, {
      method: 'POST',
      headers,
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    dialing.once('upgrade', (_response, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve(new SpdyConnection(socket, 'client'));
    });
    dialing.once('response', (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (answer.length < ANSWER_LIMIT_BYTES) answer += text;
      });
      response.once('close', () =>
        reject(new RuntimeError('Failed', answer.trim() || `the runtime answered ${response.statusCode}`)),
      );
    });
    dialing.once('error', (error) => {
      reject(
        signal?.aborted === true
          ? signal.reason
          : new RuntimeError('Unavailable', `Cannot reach the runtime: ${error.message}`, { cause: error }),
      );
    });
    dialing.end();
  });
}
