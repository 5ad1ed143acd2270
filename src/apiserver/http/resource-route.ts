/** Requests for objects: the URL and the body become one API request, its result becomes the answer. */
import type { Status } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, RequestHandler, RequestOptions, Verb } from '#api/request';
import type { World } from '#base/world';
import type { Decode, Decoded } from '../registry/context.ts';
import { deleteOptionsOf } from '../registry/delete-options.ts';
import { methodNotAllowed, unknownResource } from '../registry/registry.ts';
import { type Resource, type ResourceTable, servedType, type TypeName } from '../registry/resources.ts';
import type * as meta from '#api/types/meta-v1';
import type { BodyReader } from './body-reader.ts';
import type { Body } from './decode-body.ts';
import { beforeDeadline, limitOf } from './deadline.ts';
import { encodeList, encodeObject, eventEncoder, streamType, type View } from './encode-result.ts';
import type { Exchange } from './exchange.ts';
import { isTrue, optionsOf } from './query-options.ts';
import { readBody } from './read-body.ts';
import type { ResourcePath } from './request-path.ts';
import { COMMON_HEADERS, sendAnswer, warningHeaders } from './respond.ts';
import type { ResourceRequest } from './router.ts';
import { viewOf } from './view.ts';

export type ResourceRoute = {
  readonly handle: RequestHandler;
  readonly resources: ResourceTable;
  readonly bodies: BodyReader;
  readonly world: World;
};

export async function serveResource(route: ResourceRoute, asked: ResourceRequest): Promise<void> {
  const { exchange, path, user } = asked;
  const resource = route.resources.find(path);
  if (resource === undefined) throw unknownResource();
  const verb = verbOf(exchange, path);
  const view = viewOf(asked, { verb, resource, nowMs: route.world.clock.now() });
  const limit = limitOf(exchange.query.get('timeout'));
  const decide = async (): Promise<Decided> => {
    const { request, warnings } = await requestOf(route, asked, { verb, resource });
    return { result: await route.handle({ ...request, user }), warnings };
  };
  const { result, warnings } =
    verb === 'watch' ? await decide() : await beforeDeadline(decide(), limit, route.world.clock);
  await sendResult(exchange, result, { view, warnings, verb, resource });
}

type Decided = { readonly result: ApiResult; readonly warnings: readonly string[] };

const COLLECTION_VERBS: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };
const OBJECT_VERBS: Readonly<Record<string, Verb>> = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const SUBRESOURCE_VERBS: Readonly<Record<string, Verb>> = { ...OBJECT_VERBS, POST: 'create' };

function verbOf({ method, query }: Exchange, { name, subresource, watch }: ResourcePath): Verb {
  const verbs = verbsOf(name, subresource);
  const verb = Object.hasOwn(verbs, method) ? verbs[method] : undefined;
  if (verb === undefined) throw methodNotAllowed();
  const mayWatch = subresource === undefined && (verb === 'list' || verb === 'get');
  if (watch === true && !mayWatch) throw methodNotAllowed();
  return mayWatch && (watch ?? isTrue(query.get('watch'))) ? 'watch' : verb;
}

function verbsOf(name: string | undefined, subresource: string | undefined): Readonly<Record<string, Verb>> {
  if (subresource !== undefined) return SUBRESOURCE_VERBS;
  return name === undefined ? COLLECTION_VERBS : OBJECT_VERBS;
}

const OPTION_KINDS: Readonly<Partial<Record<Verb, string>>> = {
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};

type Matched = { readonly verb: Verb; readonly resource: Resource | undefined };
type Prepared = { readonly request: Omit<ApiRequest, 'user'>; readonly warnings: readonly string[] };

async function requestOf(
  route: ResourceRoute,
  { exchange, path }: ResourceRequest,
  { verb, resource }: Matched,
): Promise<Prepared> {
  const { rest: _rest, watch: _watch, ...address } = path;
  const options = optionsOf(exchange.query, OPTION_KINDS[verb]);
  // Only a watch lasts: all else is done before it would matter that the client has left.
  const signal = verb === 'watch' ? exchange.signal : exchange.closing;
  const userAgent = exchange.headers['user-agent'] ?? '';
  const request = { ...address, verb, options, signal, userAgent };
  switch (verb) {
    case 'get':
    case 'list':
    case 'watch':
      return { request, warnings: [] };
    case 'create':
    case 'update': {
      const { object, warnings } = await objectBody(route, exchange, { options, ...bodyRules(resource, path) });
      return { request: { ...request, body: object }, warnings };
    }
    case 'patch':
      return await patchRequest(route, exchange, request);
    case 'delete':
    case 'deletecollection':
      return { request: { ...request, options: { ...options, ...(await deleteBody(route, exchange)) } }, warnings: [] };
  }
}

type BodyRules = {
  readonly type: TypeName;
  /** How a kind that users defined is checked: it has its own idea of what is sent. */
  readonly custom?: Decode | undefined;
};

function bodyRules(resource: Resource | undefined, path: ResourcePath): BodyRules {
  // Nothing but the names: they may travel to another thread.
  const { group, version, kind } = bodyType(resource, path);
  const type = { group, version, kind };
  if (resource === undefined || 'virtual' in resource) return { type };
  const { custom, definition } = resource.stored;
  return { type, custom: kind === definition.kind ? custom?.decode : undefined };
}

type Wanted = BodyRules & { readonly options: RequestOptions };

async function objectBody(
  { bodies }: ResourceRoute,
  exchange: Exchange,
  { options: { fieldValidation }, type, custom }: Wanted,
): Promise<Decoded> {
  const body = await bodyOf(exchange);
  if (custom === undefined) return await bodies.read('object', body, { type, fieldValidation });
  return custom(await bodies.read('custom', body, { type, fieldValidation }), type, fieldValidation);
}

async function bodyOf(exchange: Exchange): Promise<Body> {
  return { bytes: await readBody(exchange), contentType: exchange.headers['content-type'] };
}

/** What is wrong with an apply patch is told at once; with other patches it depends on what becomes of the object. */
async function patchRequest(
  { bodies }: ResourceRoute,
  exchange: Exchange,
  request: Omit<ApiRequest, 'user'>,
): Promise<Prepared> {
  const { fieldValidation = 'Warn' } = request.options;
  const patch = await bodies.read('patch', await bodyOf(exchange), { fieldValidation });
  const isTold = patch.patchType === 'application/apply-patch+yaml' && fieldValidation === 'Warn';
  return { request: { ...request, ...patch }, warnings: isTold ? patch.findings : [] };
}

const DELETE_OPTIONS: TypeName = { group: '', version: 'v1', kind: 'DeleteOptions' };

/** The options in the body of a delete count more than those in its query. */
async function deleteBody({ bodies }: ResourceRoute, exchange: Exchange): Promise<RequestOptions> {
  const body = await bodyOf(exchange);
  if (body.bytes.length === 0) return {};
  const { object } = await bodies.read('object', body, { type: DELETE_OPTIONS, fieldValidation: 'Ignore' });
  return deleteOptionsOf(object as unknown as meta.DeleteOptions);
}

function bodyType(resource: Resource | undefined, { subresource }: ResourcePath): TypeName {
  if (resource === undefined) throw unknownResource();
  if ('virtual' in resource) return resource.virtual;
  if (subresource === undefined) return servedType(resource.stored);
  const found = resource.stored.subresources.find(({ name }) => name === subresource);
  if (found === undefined) throw unknownResource();
  return found.type;
}

type Sending = Matched & { readonly view: View; readonly warnings: readonly string[] };

async function sendResult(exchange: Exchange, result: ApiResult, sending: Sending): Promise<void> {
  const { view, resource } = sending;
  switch (result.type) {
    case 'object': {
      const object = result.removed === true ? removedAnswer(result.object, resource) : result.object;
      const warnings = [...sending.warnings, ...(result.warnings ?? [])];
      return await sendAnswer(exchange, { ...encodeObject(object, view), status: result.status, warnings });
    }
    case 'list':
      return await sendAnswer(exchange, {
        ...encodeList(result.list, view),
        status: 200,
        warnings: result.warnings ?? [],
      });
    case 'watch':
      return await sendEvents(exchange, result, view);
  }
}

// Of these kinds upstream shows the removed object; of all others it only says that it is gone.
const SHOWN_WHEN_REMOVED = new Set(['/pods', '/services', '/serviceaccounts', '/resourcequotas', '/podtemplates']);

function removedAnswer(object: ApiObject, resource: Resource | undefined): ApiObject {
  if (resource === undefined || !('stored' in resource)) return object;
  const { group, plural } = resource.stored.definition;
  if (SHOWN_WHEN_REMOVED.has(`${group}/${plural}`)) return object;
  const { name, uid } = object.metadata;
  const status: Omit<Status, 'code'> = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group === '' ? {} : { group }), kind: plural, uid },
  };
  return status as unknown as ApiObject;
}

type Events = Extract<ApiResult, { type: 'watch' }>;

async function sendEvents(exchange: Exchange, { events, warnings = [] }: Events, view: View): Promise<void> {
  const headers = { ...COMMON_HEADERS, 'content-type': streamType(view), ...warningHeaders(warnings) };
  const stream = exchange.stream(200, headers);
  const encode = eventEncoder(view);
  try {
    for await (const batch of events) await stream.write(encode(batch));
  } catch (error) {
    // The client left in the middle of a write; the signal has told the watch.
    if (!exchange.signal.aborted) throw error;
  }
  stream.end();
}
