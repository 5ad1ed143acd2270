/** Records a write that is no apply: who wrote owns what changed, all others lose it. Pure. */
import { difference, isEmpty, union } from './field-set.ts';
import { capManagers } from './fewer-updaters.ts';
import type { Changes } from './compare.ts';
import { type Manager, type ManagerIdentity, managerKey, type Managers } from './ownership.ts';
import { ownableFields, type Part, writableFields } from './owned-fields.ts';
import { changesIn, type States, type Versions } from './versions.ts';

/** Who writes which part of an object, in the version in which the states are, and when. */
export type Writer = Omit<ManagerIdentity, 'operation'> & { readonly part: Part; readonly time: string };

export type Update = { readonly states: States; readonly versions: Versions; readonly writer: Writer };

export function recordUpdate(managers: Managers, { states, versions, writer }: Update): Managers {
  const changes = changesIn(versions, states);
  const own = changes(writer.apiVersion);
  if (own === undefined) return managers;
  const fields = ownableFields(own.written, writer.part);
  const { manager, apiVersion, subresource } = writer;
  const identity: ManagerIdentity = { manager, operation: 'Update', apiVersion, subresource };
  const key = managerKey(identity);
  const after = new Map<string, Manager>();
  for (const [otherKey, other] of managers) {
    const theirs = changes(other.apiVersion);
    const kept =
      theirs === undefined
        ? undefined
        : remainderOf(other, onlyPart(theirs, writer.part), otherKey === key ? fields : undefined);
    if (kept !== undefined) after.set(otherKey, kept);
  }
  if (!isEmpty(fields)) after.set(key, written(after.get(key), { identity, fields, time: writer.time }));
  return capManagers(after);
}

export function onlyPart({ written: fields, removed }: Changes, part: Part): Changes {
  return { written: writableFields(fields, part), removed: writableFields(removed, part) };
}

/** What a manager still has after a write; `regained` are the fields it wrote itself. Undefined when nothing is left. */
function remainderOf(
  manager: Manager,
  { written: changed, removed }: Changes,
  regained: Manager['fields'] | undefined,
): Manager | undefined {
  // Not taken and given back: the set of one who writes the same fields again and again stays the same object.
  const had = regained === undefined ? difference(manager.fields, changed) : union(manager.fields, regained);
  const fields = difference(had, removed);
  if (isEmpty(fields)) return undefined;
  return fields === manager.fields ? manager : { ...manager, fields };
}

type Written = { readonly identity: ManagerIdentity; readonly fields: Manager['fields']; readonly time: string };

function written(before: Manager | undefined, { identity, fields, time }: Written): Manager {
  const { manager, operation, apiVersion, subresource } = identity;
  if (before === undefined) return { manager, operation, apiVersion, subresource, time, fields };
  return { ...before, time, fields: union(before.fields, fields) };
}
