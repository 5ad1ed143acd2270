/** Tries an address to listen at. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorMessage } from '#base/errors';
import { hostAndPort } from '#cli/listen-address';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'this user may not use the port',
  ENOTFOUND: 'the host is not known',
};

/** Listens there for a moment. */
export async function whyNotListen(listen: string): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(hostAndPort(listen));
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return REASONS[code] ?? errorMessage(error);
  }
}
