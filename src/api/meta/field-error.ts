/** A validation error with the path of the field at fault, worded as upstream words it (apimachinery `util/validation/field`). */

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError';

/** `message` is what a `Status` cause carries; the full text is `field: message`. */
export type FieldError = {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly message: string;
};

export const NO_ERRORS: readonly FieldError[] = Object.freeze([]);

/** What there is to say of a part, where it is there: most parts are left out by most objects. */
export const ofPart = <T extends object>(
  part: T | undefined,
  check: (part: T) => Iterable<FieldError>,
): Iterable<FieldError> => (part ? check(part) : NO_ERRORS);

/** A word that must be one of few. */
export function choiceErrors(value: string, supported: readonly string[], field: string): readonly FieldError[] {
  if (value === '') return [required(field)];
  return supported.includes(value) ? NO_ERRORS : [notSupported(field, value, supported)];
}

/** All in one list. Nearly always there are none at all. */
export function joinErrors(lists: readonly (readonly FieldError[])[]): readonly FieldError[] {
  for (const list of lists) if (list.length > 0) return lists.flat();
  return NO_ERRORS;
}

export const required = (field: string, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: detail === '' ? 'Required value' : `Required value: ${detail}`,
});

export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${quoted(value)}: ${detail}`,
});

/** For what is wrong about how parts fit each other: the value itself would not tell. */
export const invalidAsWhole = (field: string, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${detail}`,
});

export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${quoted(value)}: supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`,
});

export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${quoted(value)}`,
});

export const forbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});

export const notFound = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  message: `Not found: ${quoted(value)}`,
});

export const tooLong = (field: string, maxLength: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${maxLength} bytes`,
});

export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${max} items`,
});

/** Strings in quotes, numbers and booleans bare, the rest as JSON, as Go's `%#v` and `%v` would show them to a user. */
function quoted(value: unknown): string {
  return value === null || value === undefined ? 'null' : JSON.stringify(value);
}
