/** Keeps the number of managers that update small: beyond ten, the oldest become one. Pure. */
import { EMPTY_SET, type FieldSet, union } from './field-set.ts';
import { compareText, type Manager, type ManagerIdentity, managerKey, type Managers } from './ownership.ts';

const MOST_UPDATERS = 10;
const MERGED_NAME = 'ancient-changes';

/** Only managers of one version can become one: their fields mean the same. */
export function capManagers(managers: Managers): Managers {
  if (managers.size <= MOST_UPDATERS) return managers;
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  if (updaters.length <= MOST_UPDATERS) return managers;
  const capped = new Map(managers);
  const firstOf = new Map<string, string>();
  for (const [key, manager] of updaters.toSorted(oldestFirst)) {
    if (updaters.length - (managers.size - capped.size) <= MOST_UPDATERS) break;
    const first = firstOf.get(manager.apiVersion);
    firstOf.set(manager.apiVersion, first === undefined ? key : mergeInto(capped, manager, [key, first]));
  }
  return capped;
}

/** Puts a manager, the one before it and what was merged earlier under one name, at the time of the youngest. */
function mergeInto(capped: Map<string, Manager>, { apiVersion, time }: Manager, keys: readonly string[]): string {
  const identity: ManagerIdentity = { manager: MERGED_NAME, operation: 'Update', apiVersion, subresource: '' };
  const mergedKey = managerKey(identity);
  let fields: FieldSet = EMPTY_SET;
  for (const key of new Set([...keys, mergedKey])) {
    fields = union(fields, capped.get(key)?.fields ?? EMPTY_SET);
    capped.delete(key);
  }
  capped.set(mergedKey, { ...identity, time, fields });
  return mergedKey;
}

function oldestFirst(
  [leftKey, left]: readonly [string, Manager],
  [rightKey, right]: readonly [string, Manager],
): number {
  return compareText(left.time ?? '', right.time ?? '') || compareText(leftKey, rightKey);
}
