/** Looks after the definitions of custom kinds: gives them their names, and removes what is left of the kinds that are deleted. */
import { CLEANUP_FINALIZER, CustomResourceDefinition, isEstablished } from '#api/extensions/custom-resource-definition';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import type { ApiRequest, RequestHandler } from '#api/request';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import { SERVER } from '../authz/server-rights.ts';
import { listPrefix, objectKey } from '../registry/keys.ts';
import { planNames } from './plan-names.ts';

export type DefinitionsOptions = {
  readonly store: Store;
  /** Deletes the objects of kinds that are being removed. */
  readonly handle: RequestHandler;
  /** Called when definitions have changed. */
  readonly onChange: () => void;
  readonly world: World;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

const PREFIX = listPrefix(CustomResourceDefinition, undefined);
const AGAIN_MS = 1000;

/** Runs until the signal aborts. */
export async function runDefinitions(options: DefinitionsOptions): Promise<void> {
  const { store, log, signal, world } = options;
  const removals = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    try {
      const changes = store.watch(PREFIX, { since: store.revision, signal });
      await settle(options, removals);
      for await (const _batch of changes) await settle(options, removals);
    } catch (error) {
      if (signal.aborted) break;
      log.warn('Cannot look after the definitions of custom kinds, trying again', { error: asError(error) });
      await rest({ world, signal });
    }
  }
  await Promise.all(removals.values());
}

type Removals = Map<string, Promise<void>>;

async function settle(options: DefinitionsOptions, removals: Removals): Promise<void> {
  const { store, world, onChange } = options;
  for (const { metadata } of definitionsOf(store)) {
    await change(store, metadata.name, (crd) => planNames(crd, definitionsOf(store), world.clock.now()));
  }
  onChange();
  for (const crd of definitionsOf(store)) {
    const { uid } = crd.metadata;
    if (!isWaiting(crd) || removals.has(uid)) continue;
    const removal = remove(options, crd).finally(() => removals.delete(uid));
    removals.set(uid, removal);
  }
}

function definitionsOf(store: Store): readonly CustomResourceDefinition[] {
  return store.list(PREFIX).items as readonly CustomResourceDefinition[];
}

function isWaiting({ metadata }: CustomResourceDefinition): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(CLEANUP_FINALIZER) === true;
}

/** Rewrites a definition in one transaction, if it is still there. */
async function change(
  store: Store,
  name: string,
  plan: (crd: CustomResourceDefinition) => CustomResourceDefinition,
): Promise<void> {
  const key = objectKey(CustomResourceDefinition, { name });
  await store.write((tx) => {
    const stored = tx.get(key) as CustomResourceDefinition | undefined;
    if (stored === undefined) return;
    const next = plan(stored);
    if (next === stored) return;
    const isGone = next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0;
    if (isGone) tx.delete(key);
    else tx.put(key, next);
  });
}

/** Removes the objects of a kind, then what holds its definition back. Never throws: what fails is tried again. */
async function remove(options: DefinitionsOptions, crd: CustomResourceDefinition): Promise<void> {
  const { store, world, log, signal } = options;
  const { name } = crd.metadata;
  const tell = (reason: string, message: string, status = 'True'): Promise<void> =>
    change(store, name, (stored) => withTerminating(stored, { status, reason, message, nowMs: world.clock.now() }));
  while (!signal.aborted) {
    try {
      if (!isEstablished(crd)) await tell('NeverEstablished', 'resource was never established', 'False');
      else {
        await tell('InstanceDeletionInProgress', 'CustomResource deletion is in progress');
        if ((await removeInstances(options, crd)) > 0) {
          await rest({ world, signal });
          continue;
        }
        await tell('InstanceDeletionCompleted', 'removed all instances', 'False');
      }
      return await change(store, name, withoutFinalizer);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('Cannot remove the objects of a custom kind, trying again', { kind: name, error: asError(error) });
      await rest({ world, signal });
    }
  }
}

/** How many are left, held by finalizers of their own. */
async function removeInstances(
  { store, handle, signal }: DefinitionsOptions,
  crd: CustomResourceDefinition,
): Promise<number> {
  const { group, names, scope, versions } = crd.spec;
  const prefix = listPrefix({ group, plural: names.plural, namespaced: true }, undefined);
  const version = versions.find(({ served }) => served)?.name;
  const objects = store.list(prefix).items as readonly ApiObject[];
  if (version === undefined) return await dropUnserved(store, objects, (object) => prefix + pathOf(object));
  const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace));
  for (const namespace of namespaces) {
    const request: ApiRequest = {
      verb: 'deletecollection',
      group,
      version,
      plural: names.plural,
      ...(scope === 'Namespaced' && namespace !== undefined ? { namespace } : {}),
      options: {},
      user: SERVER,
      signal,
    };
    await handle(request);
  }
  return store.count(prefix);
}

/** Objects that no version shows any more cannot be asked for: they go as they are. */
async function dropUnserved(
  store: Store,
  objects: readonly ApiObject[],
  keyOf: (object: ApiObject) => string,
): Promise<number> {
  await store.write((tx) => {
    for (const object of objects) tx.delete(keyOf(object));
  });
  return 0;
}

function pathOf({ metadata: { namespace, name } }: ApiObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

type Telling = { readonly status: string; readonly reason: string; readonly message: string; readonly nowMs: number };

function withTerminating(crd: CustomResourceDefinition, { nowMs, ...said }: Telling): CustomResourceDefinition {
  const before = crd.status?.conditions;
  const conditions = setCondition(before, { type: 'Terminating', lastTransitionTime: formatTime(nowMs), ...said });
  return conditions === before ? crd : { ...crd, status: { ...crd.status, conditions } };
}

function withoutFinalizer(crd: CustomResourceDefinition): CustomResourceDefinition {
  const { finalizers = [], ...metadata } = crd.metadata;
  const left = finalizers.filter((name) => name !== CLEANUP_FINALIZER);
  return { ...crd, metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left } };
}

async function rest({ world, signal }: Pick<DefinitionsOptions, 'world' | 'signal'>): Promise<void> {
  await world.clock.sleep(AGAIN_MS, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
