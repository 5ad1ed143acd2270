/** The Client over any way to carry a request: it builds requests and reads results, a transport moves them. */
import { ApiError } from '#api/errors';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ApiRequest, ApiResult, RequestOptions, Verb, WatchEvent } from '#api/request';
import type { ResourceType } from '#api/resource';
import type { Client, DeleteOptions, Scale, WatchOptions } from './client.ts';
import { errorOfStatus } from './status-error.ts';

/** A request before it is known who asks: the transport knows. */
export type ClientRequest = Omit<ApiRequest, 'user'>;

/** Carries one request to an API server. Throws `ApiError`. */
export type Send = (request: ClientRequest) => Promise<ApiResult>;

type Asked = {
  readonly subresource?: string | undefined;
  readonly ref?: Partial<ObjectRef>;
  readonly signal?: AbortSignal | undefined;
  readonly options?: RequestOptions;
  readonly body?: unknown;
};

export function clientOver(send: Send): Client {
  const sendForObject = async <T>(request: ClientRequest): Promise<T> => objectOf(await send(request)) as T;
  return {
    get: (type, ref, { signal } = {}) => sendForObject(requestFor('get', type, { ref, signal })),

    async list(type, { signal, namespace, ...options } = {}) {
      const result = await send(requestFor('list', type, { ref: { namespace }, signal, options }));
      if (result.type !== 'list') throw unexpected('a list', result);
      return result.list as never; // items are of the kind that was asked for
    },

    watch: (type, options) => watchOver(send, type, options),

    create(type, object, { signal, subresource, ...options } = {}) {
      const ref = { namespace: object.metadata.namespace };
      return sendForObject(
        requestFor('create', type, { ref, signal, subresource, options, body: typed(type, object) }),
      );
    },

    update(type, object, { signal, subresource, ...options } = {}) {
      const { namespace, name } = object.metadata;
      const ref = { namespace, name: name ?? '' };
      return sendForObject(
        requestFor('update', type, { ref, signal, subresource, options, body: typed(type, object) }),
      );
    },

    patch(type, { ref, patch }, { signal, subresource, ...options } = {}) {
      const request = requestFor('patch', type, { ref, signal, subresource, options, body: patch.document });
      return sendForObject({ ...request, patchType: patch.type });
    },

    async delete<T extends ApiObject>(
      type: ResourceType<T>,
      ref: ObjectRef,
      { signal, ...options }: DeleteOptions = {},
    ) {
      const object = await sendForObject<T>(requestFor('delete', type, { ref, signal, options }));
      // A server that answers only that it is done does not tell the kind: it is the one we asked for.
      return object.kind === '' ? { ...object, kind: type.kind } : object;
    },

    async deleteCollection(type, { signal, namespace, ...options } = {}) {
      const result = await send(requestFor('deletecollection', type, { ref: { namespace }, signal, options }));
      if (result.type !== 'list') throw unexpected('a list', result);
      return result.list as never; // items are of the kind that was asked for
    },

    async createSubresource(type, { ref, subresource, body }, { signal } = {}) {
      return objectOf(await send(requestFor('create', type, { ref, signal, subresource, body })));
    },

    getScale: (type, ref) => sendForObject<Scale>(requestFor('get', type, { ref, subresource: 'scale' })),

    updateScale: (type, ref, scale) =>
      sendForObject<Scale>(
        requestFor('update', type, { ref, subresource: 'scale', body: { ...SCALE_TYPE, ...scale } }),
      ),
  };
}

const SCALE_TYPE = { apiVersion: 'autoscaling/v1', kind: 'Scale' };

async function* watchOver<T extends ApiObject>(
  send: Send,
  type: ResourceType<T>,
  { signal, namespace, ...options }: WatchOptions,
): AsyncGenerator<readonly WatchEvent<T>[]> {
  const result = await send(requestFor('watch', type, { ref: { namespace }, signal, options }));
  if (result.type !== 'watch') throw unexpected('a stream of events', result);
  for await (const batch of result.events as AsyncIterable<readonly WatchEvent<T>[]>) {
    const failed = batch.findIndex((event) => event.type === 'ERROR');
    if (failed > 0) yield batch.slice(0, failed);
    if (failed >= 0) throw errorOfStatus(batch[failed]?.object);
    yield batch;
  }
}

// One for all who cannot abort what they ask for: to make one takes as long as the rest of the request.
const NEVER = new AbortController().signal;
const NO_OPTIONS: RequestOptions = Object.freeze({});

/** What is absent is not there at all, rather than undefined. */
type Building = { -readonly [Name in keyof ClientRequest]: ClientRequest[Name] };

function requestFor(verb: Verb, type: ResourceType, asked: Asked): ClientRequest {
  const { ref, signal = NEVER, subresource, body, options } = asked;
  const { group, version, plural } = type;
  const request: Building = { verb, group, version, plural, options: given(options), signal };
  if (subresource !== undefined) request.subresource = subresource;
  if (ref?.namespace !== undefined && type.namespaced) request.namespace = ref.namespace;
  if (ref?.name !== undefined) request.name = ref.name;
  if (body !== undefined) request.body = body;
  return request;
}

function typed({ apiVersion, kind }: ResourceType, object: object): object {
  const { apiVersion: saidVersion, kind: saidKind } = object as Partial<ApiObject>;
  return saidVersion === apiVersion && saidKind === kind ? object : { ...object, apiVersion, kind };
}

// An option that is present but undefined means the same as one that is absent; servers need not know that.
function given(options: RequestOptions = NO_OPTIONS): RequestOptions {
  for (const name in options) {
    if (options[name as keyof RequestOptions] !== undefined) continue;
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  }
  return options;
}

function objectOf(result: ApiResult): ApiObject {
  if (result.type !== 'object') throw unexpected('an object', result);
  return result.object;
}

function unexpected(expected: string, result: ApiResult): ApiError {
  return new ApiError('InternalError', `Cannot read the server's answer: it is ${result.type}, expected ${expected}`);
}
