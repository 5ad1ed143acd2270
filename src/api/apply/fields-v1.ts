/** Reads `fieldsV1` as clients send it: every element written the one way, nothing that is no element. Writing it needs no code. */
import { isJsonObject } from '../meta/json-value.ts';
import { EMPTY_SET, type FieldSet, NOTHING_BELOW, SELF } from './field-set.ts';
import { canonicalElement } from './path-element.ts';

// Objects of one template share the set of their spec; what was read once is not read again.
const known = new WeakMap<object, FieldSet>();

/** Undefined for what is no set of fields. What is written the one way already is returned as it is. */
export function decodeFieldsV1(value: unknown): FieldSet | undefined {
  if (value === undefined || value === null) return EMPTY_SET;
  return isJsonObject(value) ? decodeOnce(value, 'root') : undefined;
}

type Place = 'root' | 'field' | 'element';

function decodeOnce(value: object, place: Place): FieldSet | undefined {
  const before = known.get(value);
  if (before !== undefined) return before;
  const decoded = decodeBelow(value, place);
  if (decoded !== undefined && Object.isFrozen(value)) known.set(value, decoded);
  return decoded;
}

function decodeBelow(value: object, place: Place): FieldSet | undefined {
  let same = true;
  const set: Record<string, FieldSet> = {};
  for (const [text, below] of Object.entries(value)) {
    if (text === SELF) {
      if (place !== 'root') set[SELF] = NOTHING_BELOW;
      else same = false;
      continue;
    }
    const element = canonicalElement(text);
    const decoded = isJsonObject(below) ? decodeChild(below, place) : undefined;
    if (element === undefined || decoded === undefined) return undefined;
    same &&= element === text && decoded === below;
    set[element] = decoded;
  }
  return same ? (value as FieldSet) : set;
}

/** Only what is right below the root is worth remembering for itself. */
function decodeChild(below: object, place: Place): FieldSet | undefined {
  return place === 'root' ? decodeOnce(below, 'field') : decodeBelow(below, 'element');
}
