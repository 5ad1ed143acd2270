/** When a deleted object is really gone: no finalizer holds it and its grace period is over. */
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import { namespaceFinalizers } from './namespaces.ts';

/** Whether an update to `next` lets go of an object that was waiting for its finalizers only. */
export function isReleased(definition: ResourceDefinition, next: ApiObject, stored: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = stored.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && !isHeld(definition, next);
}

export function isHeld(definition: ResourceDefinition, object: ApiObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0 || namespaceFinalizers(definition, object).length > 0;
}
