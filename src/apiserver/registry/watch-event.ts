/** What a stored change means to one watcher, whose filter the object may enter or leave. */
import type { ApiObject } from '#api/object';
import type { WatchEvent } from '#api/request';
import type { StoreEvent } from '#store/store';

/** Undefined when the watcher has nothing to do with it. Pure. */
export function translateEvent(
  { type, object, previous, revision }: StoreEvent,
  matches: ((object: ApiObject) => boolean) | undefined,
): WatchEvent | undefined {
  const now = object as ApiObject;
  const before = previous as ApiObject | undefined;
  const was = before !== undefined && (matches === undefined || matches(before));
  if (type === 'delete') return was ? { type: 'DELETED', object: now } : undefined;
  if (matches === undefined || matches(now)) return { type: was ? 'MODIFIED' : 'ADDED', object: now };
  return was ? { type: 'DELETED', object: atRevision(before, revision) } : undefined;
}

/** To a watcher whose filter it left, an object is deleted: it gets the last state it knew, at the revision of the change. */
function atRevision(object: ApiObject, revision: number): ApiObject {
  const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
  return Object.freeze({ ...object, metadata });
}
