/** Serves the OpenAPI documents that kubectl validates, explains and patches with. */
import { createHash } from 'node:crypto';
import type { ServedResource } from '#api/schema/openapi-paths';
import { openApiV2 } from '#api/schema/openapi-v2';
import { openApiV3, type OpenApiInfo } from '#api/schema/openapi-v3';
import type { OfferedGroup } from '../discovery/groups.ts';
import type { Exchange } from '../http/exchange.ts';
import { notAcceptable, parseAccept } from '../http/media-type.ts';
import { COMMON_HEADERS, sendAnswer } from '../http/respond.ts';
import type { PathHandler } from '../http/router.ts';
import { openApiV2Protobuf } from './v2-protobuf.ts';

type Document = { readonly contentType: string; readonly bytes: Buffer; readonly hash: string };

const V3_PREFIX = '/openapi/v3/';
const JSON_TYPE = 'application/json';
// The part after `v2` is written with a dot or, by older clients, with an at sign.
const PROTOBUF_TYPE = /^application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf$/;

/** Documents are made when first asked for: most servers are never asked for most of them. */
export function openApiPaths(current: () => readonly OfferedGroup[], version: string): PathHandler {
  const info = { title: 'Kubernetes', version };
  let groups = current();
  let documents = documentsOf(groups, info);
  return async (exchange) => {
    if (exchange.method !== 'GET') return false;
    if (!exchange.path.startsWith('/openapi/')) return false;
    if (current() !== groups) {
      groups = current();
      documents = documentsOf(groups, info, documents.v3);
    }
    const { v2Json, v2Protobuf, v3 } = documents;
    const form = formOf(exchange);
    if (exchange.path === '/openapi/v2') return await send(exchange, form === 'protobuf' ? v2Protobuf() : v2Json());
    if (exchange.path === '/openapi/v3') return await send(exchange, document(indexOf(v3)));
    const found = exchange.path.startsWith(V3_PREFIX) ? v3.get(exchange.path.slice(V3_PREFIX.length)) : undefined;
    return found === undefined ? false : await send(exchange, found.make());
  };
}

type Published = { readonly resources: readonly ServedResource[]; readonly make: () => Document };

type Documents = {
  readonly v2Json: () => Document;
  readonly v2Protobuf: () => Document;
  /** By path. */
  readonly v3: ReadonlyMap<string, Published>;
};

/** A group and version about which nothing has changed keeps the document it has. */
function documentsOf(
  groups: readonly OfferedGroup[],
  info: OpenApiInfo,
  former: Documents['v3'] = new Map(),
): Documents {
  const v3 = new Map<string, Published>();
  for (const { group, versions } of groups) {
    for (const offered of versions) {
      const path = pathOf(group, offered.version);
      const resources = servedResources(group, offered);
      const known = former.get(path);
      const kept = known !== undefined && isSame(known.resources, resources) ? known : undefined;
      v3.set(path, kept ?? { resources, make: once(() => document(openApiV3(info, resources))) });
    }
  }
  const v2 = once(() =>
    openApiV2(
      info,
      [...v3.values()].flatMap(({ resources }) => resources),
    ),
  );
  return {
    v2Json: once(() => document(v2())),
    v2Protobuf: once(() => sealed(PROTOBUF_CONTENT, Buffer.from(openApiV2Protobuf(v2())))),
    v3,
  };
}

/** Built-in kinds never change, and a custom one that changes has another model. */
function isSame(left: readonly ServedResource[], right: readonly ServedResource[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ plural, model }, index) => plural === right[index]?.plural && model === right[index]?.model)
  );
}

const pathOf = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;

function servedResources(group: string, { version, resources }: OfferedGroup['versions'][number]): ServedResource[] {
  return resources.map((resource) => ({ ...resource, group, version }));
}

/** The hash in the address lets clients keep a document for ever. */
function indexOf(documents: Documents['v3']): object {
  const entries = [...documents].map(([path, { make }]) => [
    path,
    { serverRelativeURL: `${V3_PREFIX}${path}?hash=${make().hash}` },
  ]);
  return { paths: Object.fromEntries(entries) };
}

function document(value: object): Document {
  return sealed(JSON_TYPE, Buffer.from(JSON.stringify(value)));
}

const PROTOBUF_CONTENT = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function sealed(contentType: string, bytes: Buffer): Document {
  return { contentType, bytes, hash: createHash('sha256').update(bytes).digest('hex').toUpperCase() };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

async function send(exchange: Exchange, { contentType, bytes, hash }: Document): Promise<true> {
  const etag = `"${hash}"`;
  if (exchange.headers['if-none-match'] === etag) exchange.respond(304, { ...COMMON_HEADERS, etag }, Buffer.alloc(0));
  else await sendAnswer(exchange, { status: 200, contentType, bytes, etag });
  return true;
}

/** The first form a client wants that there is; the documents of version 3 are JSON whatever it wants. */
function formOf({ headers, path }: Exchange): 'json' | 'protobuf' {
  const { accept = '' } = headers;
  if (accept === '') return 'json';
  for (const { type } of parseAccept(accept)) {
    if (type === JSON_TYPE || type === 'application/*' || type === '*/*') return 'json';
    if (path === '/openapi/v2' && PROTOBUF_TYPE.test(type)) return 'protobuf';
  }
  throw notAcceptable([JSON_TYPE, PROTOBUF_CONTENT]);
}
