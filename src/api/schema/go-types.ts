/** Go's names of types and JSON values, as upstream's decoding errors print them. */
import { isExactInteger } from '../meta/exact-integer.ts';
import type { FieldSchema } from './schema.ts';
import type { Scalar } from './table.ts';

const SCALAR_NAMES: Readonly<Record<Scalar, string>> = {
  string: 'string',
  bytes: '[]uint8',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  uint64: 'uint64',
  double: 'float64',
  float: 'float32',
  any: 'interface {}',
};

/** The type of a field as a whole: `[]v1.Container`, `map[string]string`, `v1.PullPolicy`. */
export function goTypeOf(field: FieldSchema): string {
  if (field.goType !== undefined) return field.goType;
  if (field.map) return `map[string]${goValueTypeOf(field)}`;
  return field.list ? `[]${goValueTypeOf(field)}` : goValueTypeOf(field);
}

/** The type of a list's or map's values, or of a plain field. */
export function goValueTypeOf(field: FieldSchema): string {
  const named = field.map ? undefined : field.goType;
  if (named !== undefined) return field.list ? named.replace(/^\[\]/, '') : named;
  return field.scalar === undefined ? (field.message?.goType ?? '') : SCALAR_NAMES[field.scalar];
}

/** What kind of JSON value it is: `string`, `number 1.5`, `object`. Go prints a number only when it is the wrong kind of number. */
export function jsonKindOf(value: unknown, expected: 'number' | 'other' = 'other'): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' || isExactInteger(value)) {
    return expected === 'number' ? `number ${String(value)}` : 'number';
  }
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'object';
}
