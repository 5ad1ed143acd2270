/** Requests and results in another version than the one that is stored. Pure. */
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, WatchEvent } from '#api/request';
import type { ResourceDefinition, ServedVersion } from '#api/resource';
import { deepFreeze } from '#base/deep-freeze';

type Served = ServedVersion<ApiObject>;

/** The request about the stored version; a patch is left as it is, since it is about the version that was asked for. */
export function toStored(served: Served, { kind }: ResourceDefinition, request: ApiRequest): ApiRequest {
  const { verb, subresource, body } = request;
  if (verb !== 'create' && verb !== 'update') return request;
  if ((subresource !== undefined && subresource !== 'status') || !isObject(body)) return request;
  return { ...request, body: served.toStored({ ...body, kind }) };
}

/** The result as the client asked for it. What is of no kind that has versions, such as a Scale or a Status, stays. */
export function toServed(served: Served, result: ApiResult): ApiResult {
  const convert = (object: ApiObject): ApiObject => (isStored(object) ? deepFreeze(served.fromStored(object)) : object);
  switch (result.type) {
    case 'object':
      return { ...result, object: convert(result.object) };
    case 'list':
      return { ...result, list: { ...result.list, items: result.list.items.map(convert) } };
    case 'watch':
      return { ...result, events: convertEvents(served, result.events) };
  }
}

async function* convertEvents(
  served: Served,
  events: AsyncIterable<readonly WatchEvent[]>,
): AsyncGenerator<readonly WatchEvent[]> {
  const { group, version } = served;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  for await (const batch of events) {
    yield batch.map(({ type, object }) => {
      if (type === 'ERROR') return { type, object };
      return { type, object: type === 'BOOKMARK' ? { ...object, apiVersion } : deepFreeze(served.fromStored(object)) };
    });
  }
}

function isObject(body: unknown): body is ApiObject {
  return typeof body === 'object' && body !== null;
}

function isStored({ kind }: ApiObject): boolean {
  return kind !== 'Scale' && kind !== 'Status';
}
