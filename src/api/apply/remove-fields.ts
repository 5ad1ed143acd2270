/** Takes fields out of an object. Pure. */
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { type ApplyType, isLeafType, type ListType, type MapType, type StructType } from './apply-type.ts';
import { partTypeOf } from './collect-fields.ts';
import { type FieldSet, isMember } from './field-set.ts';
import { elementOf } from './list-items.ts';
import { fieldElement } from './path-element.ts';

/** Shares with `object` what stays. A holder of which nothing remains goes with its parts. */
export function removeFields(type: ApplyType, object: JsonObject, gone: FieldSet): JsonObject {
  return (removeBelow(type, object, gone) ?? {}) as JsonObject;
}

/** Undefined when nothing remains. */
function removeBelow(type: ApplyType, value: unknown, gone: FieldSet): unknown {
  if (isLeafType(type)) return type.shape === 'scalar' || type.shape === 'raw' ? value : undefined;
  if (type.shape === 'list') return Array.isArray(value) ? removeItems(type, value, gone) : undefined;
  return isJsonObject(value) ? removeEntries(type as StructType | MapType, value, gone) : undefined;
}

function removeEntries(type: StructType | MapType, value: JsonObject, gone: FieldSet): JsonObject | undefined {
  let changed = false;
  const kept: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) {
    const rest = remainderOf(partTypeOf(type, name), part, gone[fieldElement(name)]);
    changed ||= rest !== part;
    if (rest !== undefined) kept.push([name, rest]);
  }
  if (!changed) return value;
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function removeItems(type: ListType, list: readonly unknown[], gone: FieldSet): readonly unknown[] | undefined {
  const kept = list.flatMap((item) => {
    const element = elementOf(type, item);
    const rest = typeof element === 'string' ? remainderOf(type.items, item, gone[element]) : item;
    return rest === undefined ? [] : [rest];
  });
  if (kept.length === list.length && kept.every((item, index) => item === list[index])) return list;
  return kept.length === 0 ? undefined : kept;
}

function remainderOf(type: ApplyType | undefined, part: unknown, gone: FieldSet | undefined): unknown {
  if (gone === undefined || type === undefined) return part;
  return isMember(gone) ? undefined : removeBelow(type, part, gone);
}
