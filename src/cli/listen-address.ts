/** Reads the address that a cluster's API listens at. */

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
