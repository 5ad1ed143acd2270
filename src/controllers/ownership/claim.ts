/** Settles who owns what: adopts and releases objects, and returns those the owner has afterwards. */
import { isApiError } from '#api/errors';
import type { Selector } from '#api/meta/label-selector';
import { controllerReference } from '#api/meta/owner-reference';
import { refOf, type ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Context } from '../framework/controller.ts';
import { planClaim } from './plan.ts';

export type ClaimRequest<O extends ApiObject, T extends ApiObject> = {
  readonly owner: O;
  readonly ownerType: ResourceType<O>;
  readonly type: ResourceType<T>;
  readonly selector: Selector;
  readonly objects: readonly T[];
};

export async function claim<O extends ApiObject, T extends ApiObject>(
  request: ClaimRequest<O, T>,
  { client }: Context,
): Promise<readonly T[]> {
  const { owner, ownerType, type, selector, objects } = request;
  const plan = planClaim(owner, selector, objects);
  const owned = [...plan.owned];
  const patchOwners = (object: T, reference: object): Promise<T> => {
    // The uid makes sure that no other object of the name is meant.
    const document = { metadata: { uid: object.metadata.uid, ownerReferences: [reference] } };
    return client.patch(type, {
      ref: refOf(object),
      patch: { type: 'application/strategic-merge-patch+json', document },
    });
  };
  if (plan.adopt.length > 0) {
    // Asked of the server itself: an owner that was deleted meanwhile must not collect orphans.
    const current = await client.get(ownerType, refOf(owner));
    if (current.metadata.uid !== owner.metadata.uid || current.metadata.deletionTimestamp !== undefined) return owned;
    const reference = controllerReference(owner, ownerType);
    for (const object of plan.adopt) {
      const taken = await unlessMissing(patchOwners(object, reference));
      if (taken !== undefined) owned.push(taken);
    }
  }
  const { uid } = owner.metadata;
  for (const object of plan.release) await unlessMissing(patchOwners(object, { $patch: 'delete', uid }));
  return owned;
}

/** Undefined instead of NotFound. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
