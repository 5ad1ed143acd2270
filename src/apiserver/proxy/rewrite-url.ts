/** Rewrites a URL that a backend wrote so that it leads to the backend through us. Pure. */
import { joined } from './proxied-path.ts';

export type Rewriting = {
  readonly prefix: string;
  /** Hosts, with ports, that are the backend itself: its address, and the name it was asked by. */
  readonly ownHosts: ReadonlySet<string>;
};

// Scheme, host, path, and the rest with query and fragment.
const PARTS = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):)?(?:\/\/(?<host>[^/?#]*))?(?<path>[^?#]*)(?<rest>.*)$/is;

/** Relative URLs and those of other hosts stay as they are. */
export function rewriteUrl(url: string, { prefix, ownHosts }: Rewriting): string {
  const { host, path = '', rest = '', scheme } = PARTS.exec(url)?.groups ?? {};
  const isOurs = host === undefined || host === '' ? scheme === undefined : ownHosts.has(host);
  if (!isOurs || !path.startsWith('/')) return url;
  return `${path.startsWith(prefix) ? path : joined(prefix, path)}${rest}`;
}
