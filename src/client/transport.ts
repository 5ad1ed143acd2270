/** The Client over any way to carry a request: it builds requests and reads results, a transport moves them. */
import type { ApiObject, ObjectRef } from '#api/object';
import type { ApiRequest, ApiResult, RequestOptions, Verb } from '#api/request';
import type { ResourceType } from '#api/resource';
import type { Client, DeleteOptions, Scale, WatchOptions } from './client.ts';
import { unexpectedResult } from './unexpected-result.ts';
import { WatchedEvents } from './watched-events.ts';

/** A request before it is known who asks: the transport knows. */
export type ClientRequest = Omit<ApiRequest, 'user'>;

/** Carries one request to an API server, and owns it from then on. Throws `ApiError`. */
export type Send = (request: ClientRequest) => Promise<ApiResult>;

type Options = RequestOptions & {
  readonly signal?: AbortSignal;
  readonly subresource?: string;
  readonly namespace?: string;
};

type Asked = {
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly subresource?: string;
  readonly options?: Options | undefined;
  readonly body?: unknown;
};

export function clientOver(send: Send): Client {
  const sendForObject = <T>(request: ClientRequest): Promise<T> => send(request).then(objectOf) as Promise<T>;
  return {
    get: (type, { namespace, name }, options) => sendForObject(requestFor('get', type, { namespace, name, options })),

    async list(type, options) {
      const result = await send(requestFor('list', type, { namespace: options?.namespace, options }));
      if (result.type !== 'list') throw unexpectedResult('a list', result);
      return result.list as never; // items are of the kind that was asked for
    },

    watch<T extends ApiObject>(type: ResourceType<T>, options: WatchOptions) {
      const asked = requestFor('watch', type, { namespace: options.namespace, options });
      return { [Symbol.asyncIterator]: () => new WatchedEvents<T>(() => send(asked)) };
    },

    create(type, object, options) {
      const { namespace } = object.metadata;
      return sendForObject(requestFor('create', type, { namespace, options, body: typed(type, object) }));
    },

    update(type, object, options) {
      const { namespace, name } = object.metadata;
      return sendForObject(requestFor('update', type, { namespace, name, options, body: typed(type, object) }));
    },

    patch(type, { ref: { namespace, name }, patch }, options) {
      const request = requestFor('patch', type, { namespace, name, options, body: patch.document });
      return sendForObject({ ...request, patchType: patch.type });
    },

    async delete<T extends ApiObject>(
      type: ResourceType<T>,
      { namespace, name }: ObjectRef,
      options: DeleteOptions | undefined,
    ) {
      const object = await sendForObject<T>(requestFor('delete', type, { namespace, name, options }));
      // A server that answers only that it is done does not tell the kind: it is the one we asked for.
      return object.kind === '' ? { ...object, kind: type.kind } : object;
    },

    async deleteCollection(type, options) {
      const result = await send(requestFor('deletecollection', type, { namespace: options?.namespace, options }));
      if (result.type !== 'list') throw unexpectedResult('a list', result);
      return result.list as never; // items are of the kind that was asked for
    },

    createSubresource(type, { ref: { namespace, name }, subresource, body }, options) {
      return sendForObject(requestFor('create', type, { namespace, name, subresource, options, body }));
    },

    getScale: (type, { namespace, name }) =>
      sendForObject<Scale>(requestFor('get', type, { namespace, name, subresource: 'scale' })),

    updateScale: (type, { namespace, name }, scale) => {
      const body = { ...SCALE_TYPE, ...scale };
      return sendForObject<Scale>(requestFor('update', type, { namespace, name, subresource: 'scale', body }));
    },
  };
}

const SCALE_TYPE = { apiVersion: 'autoscaling/v1', kind: 'Scale' };

// One for all who cannot abort what they ask for: to make one takes as long as the rest of the request.
const NEVER = new AbortController().signal;
const NO_OPTIONS: RequestOptions = Object.freeze({});

/** What is absent is not there at all, rather than undefined. */
type Building = { -readonly [Name in keyof ClientRequest]: ClientRequest[Name] };

function requestFor(verb: Verb, type: ResourceType, asked: Asked): ClientRequest {
  const { namespace, name, options, subresource = options?.subresource, body } = asked;
  const { group, version, plural } = type;
  const signal = options?.signal ?? NEVER;
  const request: Building = { verb, group, version, plural, options: given(options), signal };
  if (subresource !== undefined) request.subresource = subresource;
  if (namespace !== undefined && type.namespaced) request.namespace = namespace;
  if (name !== undefined) request.name = name;
  if (body !== undefined) request.body = body;
  return request;
}

function typed({ apiVersion, kind }: ResourceType, object: object): object {
  const { apiVersion: saidVersion, kind: saidKind } = object as Partial<ApiObject>;
  return saidVersion === apiVersion && saidKind === kind ? object : { ...object, apiVersion, kind };
}

// These are parts of the request itself.
const APART: ReadonlySet<string> = new Set(['signal', 'subresource', 'namespace']);

/** An option that is present but undefined means the same as one that is absent; servers need not know that. */
function given(options: Options | undefined): RequestOptions {
  let found: Record<string, unknown> | undefined;
  for (const name in options) {
    const value = options[name as keyof Options];
    if (value !== undefined && !APART.has(name)) (found ??= {})[name] = value;
  }
  return found ?? NO_OPTIONS;
}

function objectOf(result: ApiResult): ApiObject {
  if (result.type !== 'object') throw unexpectedResult('an object', result);
  return result.object;
}
