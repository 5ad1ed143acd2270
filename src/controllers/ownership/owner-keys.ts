/** Which owners a change of an owned object concerns. */
import { matchesLabels, selectorFrom, SelectorError } from '#api/meta/label-selector';
import { controllerOf } from '#api/meta/owner-reference';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { LabelSelector } from '#api/types/meta-v1';
import type { Change } from '#client/informer';
import { keyOf, keyOfRef } from '#client/key';
import { indexed, NO_KEYS, type Context, type Trigger } from '../framework/controller.ts';

const OWNER_INDEX = 'controllers/owner';

/** Orphans are found under this value, by namespace. */
const orphansOf = (namespace: string | undefined): string => `orphans of ${namespace ?? ''}`;

/** Keeps objects by the uid of their controller. */
export function indexedByController<T extends ApiObject>(type: ResourceType<T>): Trigger {
  return indexed(type, OWNER_INDEX, controllerUid);
}

function controllerUid(object: ApiObject): string {
  return controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace);
}

/** What the object with this uid controls. */
export function controlledBy<T extends ApiObject>(type: ResourceType<T>, uid: string, context: Context): readonly T[] {
  return context.informer(type).byIndex(OWNER_INDEX, uid);
}

/** What `owner` may claim: what it controls, and the orphans of its namespace. */
export function claimable<T extends ApiObject>(
  type: ResourceType<T>,
  owner: ApiObject,
  context: Context,
): readonly T[] {
  const { uid, namespace } = owner.metadata;
  return [...controlledBy(type, uid, context), ...controlledBy(type, orphansOf(namespace), context)];
}

/** The object's controller, if it is of this kind and still there. */
export function ownerOf<O extends ApiObject>(
  type: ResourceType<O>,
  object: ApiObject,
  context: Context,
): O | undefined {
  const reference = controllerOf(object);
  if (reference?.kind !== type.kind) return undefined;
  const owner = context.get(type, { namespace: object.metadata.namespace, name: reference.name });
  return owner?.metadata.uid === reference.uid ? owner : undefined;
}

type OwnerKeys = (change: Change<ApiObject>, context: Context) => Iterable<string>;

type Selecting = ApiObject & { readonly spec: { readonly selector?: LabelSelector } };

/** Which objects an owner looks for. */
type SelectorOf<O> = (owner: O) => LabelSelector | undefined;

export function ownerKeys<O extends Selecting>(ownerType: ResourceType<O>): OwnerKeys;
export function ownerKeys<O extends ApiObject>(ownerType: ResourceType<O>, selectorOf: SelectorOf<O>): OwnerKeys;
/** The key of the controller that owns the object, and for an orphan the keys of all that could adopt it. */
export function ownerKeys<O extends ApiObject>(
  ownerType: ResourceType<O>,
  selectorOf: SelectorOf<O> = (owner) => (owner as unknown as Selecting).spec.selector,
): OwnerKeys {
  const keysOf = (object: ApiObject | undefined, context: Context): readonly string[] => {
    if (object === undefined) return NO_KEYS;
    const { namespace, labels } = object.metadata;
    const owner = controllerOf(object);
    if (owner !== undefined)
      return owner.kind === ownerType.kind ? [keyOfRef({ namespace, name: owner.name })] : NO_KEYS;
    if (object.metadata.deletionTimestamp !== undefined) return NO_KEYS;
    const owners = context.informer(ownerType).list(namespace ?? '');
    return owners.filter((each) => selects(selectorOf(each), labels)).map(keyOf);
  };
  return ({ before, after }: Change<ApiObject>, context: Context): readonly string[] => {
    const now = keysOf(after ?? before, context);
    if (before === undefined || after === undefined || hasSameOwner(before, after)) return now;
    return [...keysOf(before, context), ...now];
  };
}

/** As nearly always, and then mostly by the very same references. An orphan has none that is the same. */
function hasSameOwner(before: ApiObject, after: ApiObject): boolean {
  const owner = controllerOf(after);
  if (owner === undefined) return false;
  return before.metadata.ownerReferences === after.metadata.ownerReferences || controllerOf(before)?.uid === owner.uid;
}

function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  try {
    return matchesLabels(selectorFrom(selector), labels);
  } catch (error) {
    if (error instanceof SelectorError) return false; // it selects nothing until it is mended
    throw error;
  }
}
