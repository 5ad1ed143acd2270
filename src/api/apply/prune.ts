/** Takes out of an object what its applier applied before, does not apply now, and nobody else owns. Pure. */
import type { JsonObject } from '../meta/json-value.ts';
import { claimedFields } from './collect-fields.ts';
import { difference, EMPTY_SET, type FieldSet, intersection, isEmpty, isWithin, union } from './field-set.ts';
import type { Manager, Managers } from './ownership.ts';
import { withNamedFields } from './named-fields.ts';
import { removeFields } from './remove-fields.ts';
import type { Versions } from './versions.ts';

/** `last` is what the applier had, `managers` already has what it applies now. */
export type Applied = { readonly last: Manager | undefined; readonly now: Manager; readonly managers: Managers };

export function prune(merged: JsonObject, { last, now, managers }: Applied, versions: Versions): JsonObject {
  if (last === undefined || isEmpty(last.fields) || versions.typeIn(last.apiVersion) === undefined) return merged;
  if (last.apiVersion === now.apiVersion && isWithin(last.fields, now.fields)) return merged;
  const all = versions.inVersion(merged, last.apiVersion);
  const bare = without(versions, all, (type) => withNamedFields(type, last.fields));
  const owned = addBackOwned(versions, { merged: all, pruned: bare }, { first: last.apiVersion, managers });
  return versions.inVersion(addBackUnapplied(versions, { merged: all, pruned: owned }, last), now.apiVersion);
}

type Type = NonNullable<ReturnType<Versions['typeIn']>>;

/** Removes fields of the object, chosen by its type; in an unknown version nothing. */
function without(versions: Versions, object: JsonObject, gone: (type: Type) => FieldSet): JsonObject {
  const type = versions.typeIn(object['apiVersion'] as string);
  return type === undefined ? object : removeFields(type, object, gone(type));
}

type Pruning = { readonly merged: JsonObject; readonly pruned: JsonObject };
type Owners = { readonly first: string; readonly managers: Managers };

/** Gives back what others own, or the applier still does. */
function addBackOwned(versions: Versions, pruning: Pruning, { first, managers }: Owners): JsonObject {
  let { merged, pruned } = pruning;
  const ownedIn = new Map<string, FieldSet>([[first, EMPTY_SET]]);
  for (const { apiVersion, fields } of managers.values()) {
    ownedIn.set(apiVersion, union(ownedIn.get(apiVersion) ?? EMPTY_SET, fields));
  }
  // The version that was pruned comes first: conversions need what is required there.
  for (const [apiVersion, owned] of ownedIn) {
    if (versions.typeIn(apiVersion) === undefined) continue;
    merged = versions.inVersion(merged, apiVersion);
    const rest = versions.inVersion(pruned, apiVersion);
    pruned = without(versions, merged, (type) =>
      difference(named(type, merged), union(named(type, rest), withNamedFields(type, owned))),
    );
  }
  return pruned;
}

/** Gives back what the applier never applied: it went only because it was inside what was removed. */
function addBackUnapplied(versions: Versions, { merged, pruned }: Pruning, last: Manager): JsonObject {
  const rest = versions.inVersion(pruned, last.apiVersion);
  return without(versions, merged, (type) =>
    intersection(difference(named(type, merged), named(type, rest)), withNamedFields(type, last.fields)),
  );
}

function named(type: Type, object: JsonObject): FieldSet {
  return withNamedFields(type, claimedFields(type, object));
}
