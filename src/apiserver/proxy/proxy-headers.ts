/** Which headers pass through the proxy in either direction. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { joined, type ProxiedPath } from './proxied-path.ts';

export type Headers = Readonly<Record<string, string | readonly string[]>>;

// They belong to one connection, not to what is said over it.
const OF_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
// Who the client is was for us alone: a backend must not be able to act as the client.
const SECRET = /^(authorization|impersonate-.*)$/;
// Which other sites may read our answers is not for backends to say.
const CROSS_ORIGIN = /^access-control-(allow-(credentials|headers|methods|origin)|expose-headers|max-age)$/;

export type Sent = {
  readonly headers: IncomingHttpHeaders;
  readonly path: ProxiedPath;
  /** The client's address. */
  readonly from: string | undefined;
};

export function requestHeaders({ headers, path, from }: Sent): Headers {
  const named = namedByConnection(headers);
  const kept = pick(headers, (name) => !OF_CONNECTION.has(name) && !named.has(name) && !SECRET.test(name));
  const host = headers.host ?? headers[':authority'];
  const chain = [headers['x-forwarded-for'], from].flatMap((part) => part ?? []);
  return {
    ...kept,
    ...(typeof host === 'string' ? { host } : {}),
    ...(chain.length === 0 ? {} : { 'x-forwarded-for': chain.join(', ') }),
    'x-forwarded-uri': joined(path.prefix, path.rest),
  };
}

/** To ask the backend for the same change of protocol. */
export function upgradeHeaders(sent: Sent): Headers {
  const { connection, upgrade } = sent.headers;
  return {
    ...requestHeaders(sent),
    connection: connection ?? 'Upgrade',
    ...(upgrade === undefined ? {} : { upgrade }),
  };
}

export function answerHeaders(headers: IncomingHttpHeaders): Headers {
  const named = namedByConnection(headers);
  return pick(headers, (name) => !OF_CONNECTION.has(name) && !named.has(name) && !CROSS_ORIGIN.test(name));
}

function namedByConnection({ connection = '' }: IncomingHttpHeaders): ReadonlySet<string> {
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

function pick(headers: IncomingHttpHeaders, wants: (name: string) => boolean): Headers {
  const kept: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':') && wants(name)) kept[name] = value;
  }
  return kept;
}
