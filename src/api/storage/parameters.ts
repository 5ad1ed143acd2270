/** What a class tells the one who provides its volumes: who that is, and settings that only it understands. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required, tooLong } from '../meta/field-error.ts';
import { byteLength, checkQualifiedName } from '../meta/names.ts';

const MAX_BYTES = 256 * 1024;
const MAX_COUNT = 512;

export function* validateProvisioner(name: string, field: string): Generator<FieldError> {
  if (name === '') yield required(field);
  else for (const problem of checkQualifiedName(name.toLowerCase())) yield invalid(field, name.toLowerCase(), problem);
}

export function* validateParameters(
  parameters: Readonly<Record<string, string>>,
  field: string,
): Generator<FieldError> {
  const pairs = Object.entries(parameters);
  if (pairs.length > MAX_COUNT) {
    yield tooLong(field, MAX_COUNT);
    return;
  }
  let bytes = 0;
  for (const [key, value] of pairs) {
    if (key === '') yield invalid(field, key, 'field can not be empty.');
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > MAX_BYTES) yield tooLong(field, MAX_BYTES);
}
