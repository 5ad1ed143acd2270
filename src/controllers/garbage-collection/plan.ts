/** Decides what becomes of an object whose owners are going or gone. */
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject } from '#api/object';
import type { OwnerReference } from '#api/types/meta-v1';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/**
 * `solid` is there; `absent` is not, and the server itself said so; `waiting` is being deleted and waits for what it owns.
 */
export type OwnerState = 'solid' | 'absent' | 'waiting';

export type OwnedSnapshot = {
  readonly object: ApiObject;
  readonly owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[];
  /** What is owned by the object. */
  readonly dependents: () => readonly ApiObject[];
};

export type OwnedPlan =
  | { readonly act: 'keep' }
  /** Some owners are left: forget the others. */
  | { readonly act: 'forget'; readonly uids: ReadonlySet<string> }
  | { readonly act: 'remove'; readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan' }
  /** Its owners are not to wait for it, and it goes as they do. */
  | { readonly act: 'unblock' };

export function planOwned({ object, owners, dependents }: OwnedSnapshot): OwnedPlan {
  const uidsOf = (state: OwnerState): readonly string[] =>
    owners.filter((owner) => owner.state === state).map(({ reference }) => reference.uid);
  const [solid, absent, waiting] = [uidsOf('solid'), uidsOf('absent'), uidsOf('waiting')];
  if (owners.length === 0) return { act: 'keep' };
  if (solid.length > 0) {
    const gone = new Set([...absent, ...waiting]);
    return gone.size === 0 ? { act: 'keep' } : { act: 'forget', uids: gone };
  }
  // An owner that waits for us makes us wait for ours in turn. If one of ours waits already, owners may stand in a circle.
  const ours = waiting.length > 0 ? dependents() : [];
  if (ours.some(isWaiting)) return { act: 'unblock' };
  if (ours.length > 0) return { act: 'remove', propagationPolicy: 'Foreground' };
  return { act: 'remove', propagationPolicy: ownPolicy(object) };
}

/** Whether an object is being deleted and waits for what it owns. */
export function isWaiting({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(FOREGROUND) === true;
}

/** An object that is being deleted and waits for what it owns to be settled. */
export function isOursToEnd({ metadata }: ApiObject): boolean {
  const { deletionTimestamp, finalizers } = metadata;
  if (deletionTimestamp === undefined || finalizers === undefined) return false;
  return finalizers.includes(ORPHAN) || finalizers.includes(FOREGROUND);
}

/** The object, for which no owner waits. */
export function unblocked<T extends ApiObject>(object: T): T {
  const ownerReferences = object.metadata.ownerReferences?.map((owner) => ({ ...owner, blockOwnerDeletion: false }));
  return ownerReferences === undefined ? object : { ...object, metadata: { ...object.metadata, ownerReferences } };
}

/** The wish of whoever deleted the object before counts on. */
function ownPolicy({ metadata }: ApiObject): 'Background' | 'Foreground' | 'Orphan' {
  if (metadata.finalizers?.includes(ORPHAN) === true) return 'Orphan';
  return metadata.finalizers?.includes(FOREGROUND) === true ? 'Foreground' : 'Background';
}

/** What an object that is being deleted does about what it owns. */
export type EndingPlan = 'nothing' | 'orphan' | 'wait' | 'release';

export function planEnding(object: ApiObject, dependents: readonly ApiObject[]): EndingPlan {
  const { deletionTimestamp, finalizers = [], uid } = object.metadata;
  if (deletionTimestamp === undefined) return 'nothing';
  if (finalizers.includes(ORPHAN)) return 'orphan';
  if (!finalizers.includes(FOREGROUND)) return 'nothing';
  return dependents.some((dependent) => blocks(dependent, uid)) ? 'wait' : 'release';
}

function blocks({ metadata }: ApiObject, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true) ?? false;
}

/** The owners that the object held up before, and holds up no longer. */
export function freedOwners(before: ApiObject, after: ApiObject): readonly OwnerReference[] {
  const { ownerReferences: was = [] } = before.metadata;
  return was === after.metadata.ownerReferences
    ? []
    : was.filter(({ uid }) => blocks(before, uid) && !blocks(after, uid));
}

/** The object without these owners. */
export function withoutOwners<T extends ApiObject>(object: T, uids: ReadonlySet<string>): T {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const left = ownerReferences.filter(({ uid }) => !uids.has(uid));
  return { ...object, metadata: left.length === 0 ? metadata : { ...metadata, ownerReferences: left } };
}

export function withoutFinalizer<T extends ApiObject>(object: T, finalizer: string): T {
  const { finalizers = [], ...metadata } = object.metadata;
  const left = finalizers.filter((name) => name !== finalizer);
  return { ...object, metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left } };
}

/** Whether a change can matter to who owns what. */
export function concernsOwnership(before: ApiObject | undefined, after: ApiObject | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const [was, is] = [before.metadata, after.metadata];
  return (
    was.uid !== is.uid ||
    was.deletionTimestamp !== is.deletionTimestamp ||
    !semanticEqual(was.ownerReferences, is.ownerReferences) ||
    !semanticEqual(was.finalizers, is.finalizers)
  );
}
