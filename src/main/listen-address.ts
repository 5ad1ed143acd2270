/** Reads and tries the address that a server listens at. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorMessage } from '#base/errors';

/** `HOST:PORT`, the host of an IPv6 address in brackets. */
export function hostAndPort(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}

/** Where this machine itself reaches what listens at `listen`. */
export function localAddress(listen: string): string {
  const { host, port } = hostAndPort(listen);
  if (host === '0.0.0.0') return `127.0.0.1:${port}`;
  return host === '::' ? `[::1]:${port}` : listen;
}

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
