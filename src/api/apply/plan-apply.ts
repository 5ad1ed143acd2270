/** What a server-side apply makes of an object and of those who manage it, or whom it would take fields from. Pure. */
import type { JsonObject } from '../meta/json-value.ts';
import { claimedFields } from './collect-fields.ts';
import type { Changes } from './compare.ts';
import { difference, type FieldSet, intersection, isEmpty, isWithin, NOTHING_BELOW, pathsOf } from './field-set.ts';
import { type Manager, type ManagerIdentity, managerKey, type Managers } from './ownership.ts';
import { mergeConfiguration } from './merge-configuration.ts';
import { ownableFields, writableFields } from './owned-fields.ts';
import { compareElements } from './path-element.ts';
import { prune } from './prune.ts';
import { onlyPart, type Writer } from './record-update.ts';
import { changesIn, type Versions } from './versions.ts';

export type Application = {
  /** In the version of the writer. */
  readonly live: JsonObject;
  /** Checked before, see `checkConfiguration`. */
  readonly configuration: JsonObject;
  readonly managers: Managers;
  readonly versions: Versions;
  readonly writer: Writer;
  readonly onConflict: 'refuse' | 'take over';
};

export type Conflict = { readonly manager: ManagerIdentity; readonly path: readonly string[] };

export type ApplyPlan =
  | { readonly object: JsonObject; readonly managers: Managers }
  | { readonly conflicts: readonly Conflict[] };

/** The object of the plan is `live` itself when nothing changes. */
export function planApply({ live, configuration, managers, versions, writer, onConflict }: Application): ApplyPlan {
  const type = versions.typeIn(writer.apiVersion);
  if (type === undefined)
    throw new RangeError(`Cannot apply in version ${writer.apiVersion}: the kind does not have it`);
  const fields = writableFields(claimedFields(type, configuration), writer.part);
  const now = applierOf(writer, ownableFields(fields, writer.part));
  const key = managerKey(now);
  const last = managers.get(key);
  // While pruning, the name that every configuration has counts: it keeps the metadata.
  const all = new Map(managers).set(key, { ...now, fields });
  const object = prune(
    mergeConfiguration(type, live, configuration),
    { last, now: { ...now, fields }, managers: all },
    versions,
  );
  const claimed = new Map(managers).set(key, now);
  const changes = changesIn(versions, { before: live, after: object });
  const after = new Map<string, Manager>();
  const conflicts: Conflict[] = [];
  for (const [otherKey, manager] of claimed) {
    const theirs = otherKey === key ? NO_CHANGES : changes(manager.apiVersion);
    if (theirs === undefined) continue;
    const { lost, rest } = settle(manager, onlyPart(theirs, writer.part));
    for (const path of pathsOf(lost, compareElements)) conflicts.push({ manager, path });
    if (rest !== undefined) after.set(otherKey, sameAsBefore(rest, last));
  }
  if (conflicts.length > 0 && onConflict === 'refuse') return { conflicts };
  return { object, managers: after };
}

const NO_CHANGES: Changes = { written: {}, removed: {} };

function applierOf({ manager, apiVersion, subresource, time }: Writer, fields: FieldSet): Manager {
  return { manager, operation: 'Apply', apiVersion, subresource, time, fields };
}

/** What the manager loses to the apply, and what it has left; undefined when that is nothing. */
function settle(manager: Manager, { written, removed }: Changes): { lost: FieldSet; rest: Manager | undefined } {
  const lost = intersection(manager.fields, written);
  const fields = difference(difference(manager.fields, lost), removed);
  if (isEmpty(fields)) return { lost, rest: undefined };
  return { lost, rest: fields === manager.fields ? manager : { ...manager, fields } };
}

/** One who applies the same again keeps the very set it had. */
function sameAsBefore(manager: Manager, last: Manager | undefined): Manager {
  if (last === undefined || managerKey(manager) !== managerKey(last)) return manager;
  const isSame = isWithin(manager.fields, last.fields) && isWithin(last.fields, manager.fields);
  return isSame ? { ...manager, fields: last.fields } : manager;
}

/** The one field a conflict is about, as a set. */
export function conflictSet(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), NOTHING_BELOW);
}
