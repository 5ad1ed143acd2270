/** Checks that the defaults of a schema are values that the schema itself accepts. */
import { type FieldError, invalid } from '../meta/field-error.ts';
import { equalJson } from '../meta/json-value.ts';
import { checkLists } from './schema/check-lists.ts';
import { checkValue } from './schema/check.ts';
import { pruneValue } from './schema/shape.ts';
import type { StructuralSchema } from './schema/structural.ts';

/** `field` is that of the schema. Defaults of values under unknown names are not looked at, as upstream. */
export function* validateDefaults(schema: StructuralSchema, field: string): Generator<FieldError> {
  if (schema.default !== undefined) yield* validateDefault(schema, `${field}.default`);
  if (schema.items !== undefined) yield* validateDefaults(schema.items, `${field}.items`);
  for (const [name, part] of schema.properties) yield* validateDefaults(part, `${field}.properties[${name}]`);
}

function* validateDefault(schema: StructuralSchema, field: string): Generator<FieldError> {
  const given = schema.default;
  if (!equalJson(pruneValue(schema, given), given)) yield invalid(field, given, 'must not have unknown fields');
  yield* checkValue(schema, given, field);
  yield* checkLists(schema, given).map((error) => ({ ...error, field: `${field}.${error.field}` }));
}
