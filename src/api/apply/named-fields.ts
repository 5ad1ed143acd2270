/** Completes a set of fields with the fields of structs that hold its members, which sets leave unsaid. Pure. */
import type { ApplyType } from './apply-type.ts';
import { type FieldSet, isEmpty, isMember, NOTHING_BELOW, SELF } from './field-set.ts';
import { fieldNameOf } from './path-element.ts';

/** A set of `a.b.c` then also has `a` and `a.b` where they are fields of structs: not entries of maps, not items of lists. */
export function withNamedFields(type: ApplyType | undefined, set: FieldSet): FieldSet {
  const completed: Record<string, FieldSet> = {};
  for (const [element, below] of Object.entries(set)) completed[element] = completedBelow(type, element, below);
  return completed;
}

function completedBelow(type: ApplyType | undefined, element: string, below: FieldSet): FieldSet {
  if (isEmpty(below) || element === SELF) return below;
  const { part, declared } = partOf(type, element);
  const completed = withNamedFields(part, below);
  return declared && !isMember(completed) ? { [SELF]: NOTHING_BELOW, ...completed } : completed;
}

function partOf(type: ApplyType | undefined, element: string): { part: ApplyType | undefined; declared: boolean } {
  const name = fieldNameOf(element);
  if (name === undefined) return { part: type?.shape === 'list' ? type.items : undefined, declared: false };
  if (type?.shape === 'map') return { part: type.values, declared: false };
  const part = type?.shape === 'struct' ? type.field(name) : undefined;
  return { part, declared: part !== undefined };
}
