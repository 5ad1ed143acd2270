/** Removes what nobody owns any more: follows owner references through all kinds. */
import { Event } from '#api/core/event';
import { formatApiVersion } from '#api/meta/api-version';
import type { ApiObject, ObjectRef } from '#api/object';
import { refOf } from '#api/object';
import type { RequestOptions } from '#api/request';
import type { ResourceDefinition, ResourceType } from '#api/resource';
import type { OwnerReference } from '#api/types/meta-v1';
import { keyOf, refOfKey } from '#client/key';
import { kindName } from '#client/observing-client';
import { Recent } from '#base/recent';
import {
  defineController,
  indexed,
  NO_KEYS,
  on,
  type Context,
  type Controller,
  type Trigger,
} from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import {
  concernsOwnership,
  FOREGROUND,
  freedOwners,
  isOursToEnd,
  isWaiting,
  ORPHAN,
  planEnding,
  planOwned,
  unblocked,
  withoutFinalizer,
  withoutOwners,
  type OwnerState,
} from './plan.ts';

const BY_OWNER = 'controllers/owners';
const WORKERS = 20;
const REMEMBERED_ABSENT = 500;

/** `kinds`: everything that can own or be owned; events own nothing and nobody owns them. */
export function garbageCollection(all: readonly ResourceDefinition[]): Controller {
  const kinds = all.filter((kind) => kindName(kind) !== kindName(Event));
  const byName = new Map(kinds.flatMap((kind) => namesOf(kind).map((name) => [name, kind] as const)));
  const absent = new Recent<string, Absence>(REMEMBERED_ABSENT);
  const removed = new Recent<string, true>(REMEMBERED_ABSENT);
  const state: State = { kinds, byName, absent, removed };
  return defineController({
    name: 'garbage-collector-controller',
    account: 'generic-garbage-collector',
    reads: kinds,
    writes: kinds,
    workers: WORKERS,
    triggers: kinds.flatMap((kind) => triggersOf(kind, state)),
    async reconcile(key, context) {
      const { kind, ref } = parseKey(key, state);
      const object = kind && context.get(kind, ref);
      if (kind === undefined || object === undefined) return;
      const found: Found = { kind, object };
      if (object.metadata.deletionTimestamp !== undefined) await settleEnding(found, state, context);
      else await settleOwned(found, state, context);
    },
  });
}

/** References may name a kind in any of its versions. */
function namesOf(kind: ResourceDefinition): readonly string[] {
  const others = kind.otherVersions.map(({ group, version }) => `${formatApiVersion({ group, version })}/${kind.kind}`);
  return [kindName(kind), ...others];
}

type State = {
  readonly kinds: readonly ResourceType[];
  readonly byName: ReadonlyMap<string, ResourceType>;
  /** By where they were looked for: who names an owner wrongly has said nothing about the owner. A uid never comes back. */
  readonly absent: Recent<string, Absence>;
  /** Uids of what was seen to go. */
  readonly removed: Recent<string, true>;
};

/** There is no such object; or there is one of this uid in another namespace, which owns nothing here. */
type Absence = 'gone' | 'elsewhere';
type Found = { readonly kind: ResourceType; readonly object: ApiObject };

function ownerUids({ metadata: { ownerReferences: owners = [] } }: ApiObject): readonly string[] | string | undefined {
  return owners.length > 1 ? owners.map(({ uid }) => uid) : owners[0]?.uid;
}

function triggersOf(kind: ResourceType, state: State): readonly Trigger[] {
  return [
    indexed(kind, BY_OWNER, ownerUids),
    on(kind, ({ before, after }, context) => {
      if (!concernsOwnership(before, after)) return NO_KEYS;
      const object = after ?? before;
      if (object === undefined) return [];
      if (after === undefined) state.removed.set(object.metadata.uid, true);
      // What is gone frees what it owned, and may be what its owner waited for.
      if (after === undefined) return [...dependentKeys(object, state, context), ...ownerKeys(object, state)];
      // One that nobody asked us to wait for ends by itself.
      const concerned = isEnding(after) ? isOursToEnd(after) : !isWellOwned(after, state, context);
      const keys = concerned ? [keyIn(kind, after)] : NO_KEYS;
      const freed = before === undefined ? NO_KEYS : keysOf(freedOwners(before, after), after, state);
      return isEnding(after) ? [...keys, ...freed, ...ownerKeys(after, state)] : [...keys, ...freed];
    }),
  ];
}

/** Its owners are at hand and wait for nothing, as those of nearly every pod that is made: when one of them goes, that says so. */
function isWellOwned({ metadata }: ApiObject, { byName }: State, context: Context): boolean {
  for (const reference of metadata.ownerReferences ?? []) {
    const kind = byName.get(`${reference.apiVersion}/${reference.kind}`);
    const owner = kind && context.get(kind, ownerRef(reference, kind, metadata.namespace));
    if (owner?.metadata.uid !== reference.uid || isWaiting(owner)) return false;
  }
  return true;
}

function isEnding({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function keyIn(kind: ResourceType, object: ApiObject): string {
  return `${kindName(kind)}|${keyOf(object)}`;
}

function parseKey(
  key: string,
  { byName }: State,
): { readonly kind: ResourceType | undefined; readonly ref: ObjectRef } {
  const [name = '', rest = ''] = key.split('|');
  return { kind: byName.get(name), ref: refOfKey(rest) };
}

function dependentsOf(uid: string, { kinds }: State, context: Context): readonly Found[] {
  const found: Found[] = [];
  for (const kind of kinds) {
    for (const object of context.informer(kind).byIndex(BY_OWNER, uid)) found.push({ kind, object });
  }
  return found;
}

function dependentKeys({ metadata }: ApiObject, state: State, context: Context): readonly string[] {
  return dependentsOf(metadata.uid, state, context).map(({ kind, object }) => keyIn(kind, object));
}

function ownerKeys(object: ApiObject, state: State): readonly string[] {
  return keysOf(object.metadata.ownerReferences ?? [], object, state);
}

function keysOf(references: readonly OwnerReference[], { metadata }: ApiObject, state: State): readonly string[] {
  return references.flatMap((reference) => {
    const kind = state.byName.get(`${reference.apiVersion}/${reference.kind}`);
    return kind === undefined ? [] : [keyOfPlace({ kind, ref: ownerRef(reference, kind, metadata.namespace) })];
  });
}

function keyOfPlace({ kind, ref }: Place): string {
  return `${kindName(kind)}|${keyOf({ metadata: ref })}`;
}

function ownerRef({ name }: OwnerReference, kind: ResourceType, namespace: string | undefined): ObjectRef {
  return kind.namespaced ? { namespace, name } : { name };
}

/** Orphans or waits for what an object owns that is being deleted, as whoever deleted it wished. */
async function settleEnding({ kind, object }: Found, state: State, context: Context): Promise<void> {
  if (!isOursToEnd(object)) return;
  const dependents = dependentsOf(object.metadata.uid, state, context);
  const plan = planEnding(
    object,
    dependents.map((each) => each.object),
  );
  if (plan === 'nothing') return;
  const uids = new Set([object.metadata.uid]);
  if (plan === 'orphan') {
    for (const each of dependents)
      await unlessMissing(context.client.update(each.kind, withoutOwners(each.object, uids)));
  }
  if (plan === 'wait') {
    for (const each of dependents) if (!isEnding(each.object)) await settleOwned(each, state, context);
    return;
  }
  const finalizer = plan === 'orphan' ? ORPHAN : FOREGROUND;
  await unlessMissing(context.client.update(kind, withoutFinalizer(object, finalizer)));
}

async function settleOwned({ kind, object }: Found, state: State, context: Context): Promise<void> {
  const references = object.metadata.ownerReferences ?? [];
  const owners = await Promise.all(
    references.map(async (reference) => ({
      reference,
      state: await ownerState(reference, object, { state, context }),
    })),
  );
  const dependents = () => dependentsOf(object.metadata.uid, state, context).map((each) => each.object);
  const plan = planOwned({ object, owners, dependents });
  if (plan.act === 'forget') await unlessMissing(context.client.update(kind, withoutOwners(object, plan.uids)));
  if (plan.act === 'remove') await remove({ kind, object }, plan.propagationPolicy, context);
  if (plan.act === 'unblock') {
    const free = await unlessMissing(context.client.update(kind, unblocked(object)));
    if (free !== undefined) await remove({ kind, object: free }, 'Foreground', context);
  }
}

async function remove(
  { kind, object }: Found,
  propagationPolicy: NonNullable<RequestOptions['propagationPolicy']>,
  { client }: Context,
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  // Not if it has changed since: it may have found another owner.
  const preconditions = { uid, resourceVersion };
  await unlessMissing(client.delete(kind, refOf(object), { propagationPolicy, preconditions }));
}

type Sight = { readonly state: State; readonly context: Context };

async function ownerState(reference: OwnerReference, object: ApiObject, sight: Sight): Promise<OwnerState> {
  const { absent, byName } = sight.state;
  const kind = byName.get(`${reference.apiVersion}/${reference.kind}`);
  // An owner of a kind that we cannot see counts as there.
  if (kind === undefined || (kind.namespaced && object.metadata.namespace === undefined)) return 'solid';
  const place = { kind, ref: ownerRef(reference, kind, object.metadata.namespace) };
  const name = `${keyOfPlace(place)}|${reference.uid}`;
  let absence = absent.get(name);
  if (absence === undefined) {
    const owner = await findOwner(reference, place, sight);
    if (owner !== undefined) return isWaiting(owner) ? 'waiting' : 'solid';
    absence = absenceOf(reference, place, sight);
    absent.set(name, absence);
  }
  if (absence === 'elsewhere') reportWrongNamespace(reference, object, sight.context);
  return 'absent';
}

function absenceOf({ uid }: OwnerReference, { kind }: Place, { state, context }: Sight): Absence {
  // Most owners that are absent were seen to go: nothing is looked through for them.
  if (!kind.namespaced || state.removed.get(uid) === true) return 'gone';
  const hasUid = ({ metadata }: ApiObject): boolean => metadata.uid === uid;
  return context.informer(kind).list().some(hasUid) ? 'elsewhere' : 'gone';
}

function reportWrongNamespace(reference: OwnerReference, object: ApiObject, { events }: Context): void {
  const { apiVersion, kind, name, uid } = reference;
  const { namespace = '' } = object.metadata;
  const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
  const message = `ownerRef ${owner} does not exist in namespace ${JSON.stringify(namespace)}`;
  events.report(object, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message });
}

type Place = { readonly kind: ResourceType; readonly ref: ObjectRef };

async function findOwner(
  { uid }: OwnerReference,
  { kind, ref }: Place,
  { context }: Sight,
): Promise<ApiObject | undefined> {
  const cached = context.get(kind, ref);
  if (cached?.metadata.uid === uid) return cached;
  // A copy that lacks the owner proves nothing: the server itself is asked before anything is removed.
  const found = await unlessMissing(context.client.get(kind, ref));
  return found?.metadata.uid === uid ? found : undefined;
}
