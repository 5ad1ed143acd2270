/** Serves discovery under `/api` and `/apis`. */
import { createHash } from 'node:crypto';
import type { Exchange } from '../http/exchange.ts';
import { parseAccept } from '../http/media-type.ts';
import { COMMON_HEADERS } from '../http/respond.ts';
import type { PathHandler } from '../http/router.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from './documents.ts';
import type { OfferedGroup } from './groups.ts';

type Document = { readonly contentType: string; readonly bytes: Buffer; readonly etag: string };

/** `serverAddress` is `host:port` as clients reach it. */
export function discoveryPaths(current: () => readonly OfferedGroup[], serverAddress: string): PathHandler {
  const made = new Map<string, Document | undefined>();
  let groups = current();
  return async (exchange) => {
    if (exchange.method !== 'GET' || !/^\/apis?(\/|$)/.test(exchange.path)) return false;
    if (current() !== groups) {
      groups = current();
      made.clear();
    }
    const version = aggregatedVersion(exchange.headers.accept);
    const key = `${version ?? ''} ${exchange.path}`;
    if (!made.has(key)) made.set(key, documentOf(groups, { path: exchange.path, version, serverAddress }));
    const document = made.get(key);
    if (document === undefined) {
      made.delete(key); // strangers' paths must not fill the memory
      return false;
    }
    send(exchange, document);
    return true;
  };
}

/** The version of aggregated discovery that a client prefers, if it knows any. */
function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    const { as, g, v } = parameters;
    if (type !== 'application/json') continue;
    if (as === undefined) return undefined;
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}

type Wanted = { readonly path: string; readonly version: string | undefined; readonly serverAddress: string };

function documentOf(groups: readonly OfferedGroup[], { path, version, serverAddress }: Wanted): Document | undefined {
  const [root, ...names] = path.split('/').filter((part) => part !== '');
  const isCore = root === 'api';
  const listed = groups.filter(({ group }) => (group === '') === isCore);
  if (names.length === 0) {
    if (version !== undefined) return aggregated(listed, version);
    return plain(isCore ? apiVersions(listed[0], serverAddress) : apiGroupList(listed));
  }
  const [groupName, versionName, ...more] = isCore ? ['', ...names] : names;
  const group = listed.find((other) => other.group === groupName);
  if (group === undefined || more.length > 0) return undefined;
  return versionName === undefined ? plain(apiGroup(group)) : resourceList(group, versionName);
}

function resourceList({ group, versions }: OfferedGroup, version: string): Document | undefined {
  const found = versions.find((offered) => offered.version === version);
  return found === undefined ? undefined : plain(apiResourceList(group, found));
}

function plain(value: object): Document {
  return document('application/json', value);
}

function aggregated(groups: readonly OfferedGroup[], version: string): Document {
  const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  return document(contentType, aggregatedDiscovery(groups, version));
}

function document(contentType: string, value: object): Document {
  const bytes = Buffer.from(JSON.stringify(value));
  return { contentType, bytes, etag: `"${createHash('sha256').update(bytes).digest('hex').toUpperCase()}"` };
}

function send(exchange: Exchange, { contentType, bytes, etag }: Document): void {
  const headers = { ...COMMON_HEADERS, 'content-type': contentType, etag, vary: 'Accept' };
  if (exchange.headers['if-none-match'] === etag) exchange.respond(304, headers, Buffer.alloc(0));
  else exchange.respond(200, headers, bytes);
}
