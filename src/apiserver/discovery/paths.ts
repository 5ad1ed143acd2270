/** Serves discovery under `/api` and `/apis`. */
import { createHash } from 'node:crypto';
import { dump } from 'js-yaml';
import { parseApiVersion } from '#api/meta/api-version';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import type { Exchange } from '../http/exchange.ts';
import {
  CONTENT_TYPES,
  type Format,
  formatOf,
  type MediaType,
  notAcceptable,
  parseAccept,
} from '../http/media-type.ts';
import { COMMON_HEADERS } from '../http/respond.ts';
import type { PathHandler } from '../http/router.ts';
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type DiscoveryDocument,
} from './documents.ts';
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
    const form = formOf(exchange);
    const key = `${form.format} ${form.version ?? ''} ${exchange.path}`;
    if (!made.has(key)) made.set(key, documentOf(groups, { path: exchange.path, form, serverAddress }));
    const document = made.get(key);
    if (document === undefined) {
      made.delete(key); // strangers' paths must not fill the memory
      return false;
    }
    send(exchange, document);
    return true;
  };
}

type Form = {
  readonly format: Format;
  /** Of the apidiscovery.k8s.io group: everything at once is wanted, as kinds of that version. */
  readonly version?: string;
};

/** The first of the client's wishes that can be met. */
function formOf({ headers, path }: Exchange): Form {
  const { accept = '' } = headers;
  if (accept === '') return { format: 'json' };
  // Only the two roots tell everything at once.
  const isRoot = path.split('/').filter((part) => part !== '').length === 1;
  for (const wish of parseAccept(accept)) {
    const form = meet(wish);
    if (form !== undefined && (form.version === undefined || isRoot)) return form;
  }
  throw notAcceptable(Object.values(CONTENT_TYPES));
}

function meet({ type, parameters }: MediaType): Form | undefined {
  const format = formatOf(type);
  const { as, g, v } = parameters;
  if (format === undefined || as === undefined) return format === undefined ? undefined : { format };
  if (format === 'yaml' || as !== 'APIGroupDiscoveryList' || g !== 'apidiscovery.k8s.io') return undefined;
  return v === 'v2' || v === 'v2beta1' ? { format, version: v } : undefined;
}

type Wanted = { readonly path: string; readonly form: Form; readonly serverAddress: string };

function documentOf(groups: readonly OfferedGroup[], { path, form, serverAddress }: Wanted): Document | undefined {
  const [root, ...names] = path.split('/').filter((part) => part !== '');
  const isCore = root === 'api';
  const listed = groups.filter(({ group }) => (group === '') === isCore);
  if (names.length === 0) {
    if (form.version !== undefined) return document(aggregatedDiscovery(listed, form.version), form);
    return document(isCore ? apiVersions(listed[0], serverAddress) : apiGroupList(listed), form);
  }
  const [groupName, versionName, ...more] = isCore ? ['', ...names] : names;
  const group = listed.find((other) => other.group === groupName);
  if (group === undefined || more.length > 0) return undefined;
  const value = versionName === undefined ? apiGroup(group) : resourceList(group, versionName);
  return value === undefined ? undefined : document(value, form);
}

function resourceList({ group, versions }: OfferedGroup, version: string): DiscoveryDocument | undefined {
  const found = versions.find((offered) => offered.version === version);
  return found === undefined ? undefined : apiResourceList(group, found);
}

function document(value: DiscoveryDocument, { format, version }: Form): Document {
  const bytes = encoded(value, format);
  const as = version === undefined ? '' : `;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  const etag = `"${createHash('sha256').update(bytes).digest('hex').toUpperCase()}"`;
  return { contentType: `${CONTENT_TYPES[format]}${as}`, bytes, etag };
}

function encoded(value: DiscoveryDocument, format: Format): Buffer {
  switch (format) {
    case 'json':
      return Buffer.from(JSON.stringify(value));
    case 'yaml':
      return Buffer.from(dump(JSON.parse(JSON.stringify(value)), { noRefs: true }));
    case 'protobuf': {
      // The older form leaves the version of the core group unsaid.
      const { kind, apiVersion = 'v1' } = value;
      return encodeProtobuf({ kind: { ...parseApiVersion(apiVersion), kind }, object: { ...value } });
    }
  }
}

function send(exchange: Exchange, { contentType, bytes, etag }: Document): void {
  const headers = { ...COMMON_HEADERS, 'content-type': contentType, etag, vary: 'Accept' };
  if (exchange.headers['if-none-match'] === etag) exchange.respond(304, headers, Buffer.alloc(0));
  else exchange.respond(200, headers, bytes);
}
