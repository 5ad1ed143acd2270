/** Where a proxied request goes: what the name in its path means, and which addresses may be reached so. Pure. */
import { isIP, SocketAddress } from 'node:net';
import { badRequestError } from '#api/errors';

export type Scheme = 'http' | 'https';

export type Backend = {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  /** An agent knows the API server by its certificate; pods have certificates of whatever kind, which nobody checks. */
  readonly trust: 'agent' | 'nobody';
};

export type ProxyName = { readonly scheme: Scheme; readonly name: string; readonly port: string };

const SCHEMES: ReadonlySet<string> = new Set(['', 'http', 'https']);

/** `name`, `name:port` or `scheme:name:port`; `what` is for the refusal of anything else. */
export function parseProxyName(id: string, what: 'node' | 'pod' | 'service'): ProxyName {
  const parts = id.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || !SCHEMES.has(scheme)) {
    throw badRequestError(`invalid ${what} request ${JSON.stringify(id)}`);
  }
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

const DEFAULT_PORTS: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/** A port that is not given is the scheme's own. */
export function portNumber(port: string, scheme: Scheme): number {
  if (port === '') return DEFAULT_PORTS[scheme];
  const number = Number(port);
  if (/^\d{1,5}$/.test(port) && number > 0 && number <= 0xffff) return number;
  throw badRequestError(`invalid port ${JSON.stringify(port)}`);
}

/** The server's own addresses and those that only mean something next door are no way around what guards them. */
export function mayProxyTo(address: string): boolean {
  if (isIP(address) === 4) return !LOCAL_IPV4.some((pattern) => pattern.test(address));
  if (isIP(address) !== 6) return false;
  // In its canonical form: any number of zeros can be written in many ways.
  const { address: canonical } = new SocketAddress({ address, family: 'ipv6' });
  return !LOCAL_IPV6.test(canonical.toLowerCase());
}

// Loopback, link-local, multicast and beyond, nothing at all.
const LOCAL_IPV4: readonly RegExp[] = [
  /^127\./,
  /^169\.254\./,
  /^22[4-9]\./,
  /^23\d\./,
  /^255\.255\.255\.255$/,
  /^0\.0\.0\.0$/,
];
const LOCAL_IPV6 = /^(::1?$|fe[89ab]|ff|::ffff:(127|169\.254|0\.0\.0\.0))/;
