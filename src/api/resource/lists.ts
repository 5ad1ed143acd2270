/** Validates lists: how long they are, each item, and that no item is there twice. */
import { duplicate, tooMany, type FieldError } from '../meta/field-error.ts';

export type ListRules<T> = {
  readonly max: number;
  readonly validate: (item: T, field: string) => Iterable<FieldError>;
  /** Under which name an item may be there only once. */
  readonly nameOf?: (item: T) => string;
};

/** A list that is too long is not looked through. */
export function* validateList<T>(list: readonly T[] = [], field: string, rules: ListRules<T>): Generator<FieldError> {
  const { max, validate, nameOf } = rules;
  if (list.length > max) {
    yield tooMany(field, list.length, max);
    return;
  }
  for (const [index, item] of list.entries()) yield* validate(item, `${field}[${index}]`);
  if (nameOf === undefined) return;
  const names = new Set<string>();
  for (const [index, item] of list.entries()) {
    const name = nameOf(item);
    if (names.has(name)) yield duplicate(`${field}[${index}]`, name);
    names.add(name);
  }
}
