/** Reads `fieldsV1` as clients send it: every element written the one way, nothing that is no element. Writing it needs no code. */
import { isJsonObject } from '../meta/json-value.ts';
import { EMPTY_SET, type FieldSet, NOTHING_BELOW, SELF } from './field-set.ts';
import { GrowingSet, isShared } from './growing-set.ts';
import { canonicalElement } from './path-element.ts';

/** Undefined for what is no set of fields. What is written the one way already is returned as it is. */
export function decodeFieldsV1(value: unknown): FieldSet | undefined {
  if (value === undefined || value === null) return EMPTY_SET;
  if (!isJsonObject(value)) return undefined;
  // The whole object has no owner.
  if (!Object.hasOwn(value, SELF)) return decodeBelow(value);
  const { [SELF]: _, ...rest } = value;
  return decodeBelow(rest);
}

function decodeBelow(value: object): FieldSet | undefined {
  if (isShared(value)) return value as FieldSet;
  let same = true;
  let set = GrowingSet.empty();
  for (const [text, content] of Object.entries(value)) {
    const element = text === SELF ? SELF : canonicalElement(text);
    const below = decodeContent(text, content);
    if (element === undefined || below === undefined) return undefined;
    same &&= element === text && below === content;
    set = set.with(element, below);
  }
  return same ? (value as FieldSet) : set.set;
}

function decodeContent(text: string, content: unknown): FieldSet | undefined {
  if (text === SELF) return NOTHING_BELOW;
  return isJsonObject(content) ? decodeBelow(content) : undefined;
}
