/** One GET over a connection of its own. */
import { get as httpsGet } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { Certificates } from '../api/https-servers.ts';

export function answerOf(
  port: number,
  path: string,
  { client: { authority, certificate, key } }: Certificates,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = httpsGet({ host: '127.0.0.1', port, path, ca: authority, cert: certificate, key, agent: false });
    asked.on('response', (answer) => void buffer(answer).then(resolve, reject));
    asked.on('error', reject);
  });
}
