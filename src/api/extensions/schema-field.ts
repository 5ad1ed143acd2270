/** Walks over the parts of a schema as users wrote it, each with its path. */
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts';

export type SchemaPart = { readonly schema: JSONSchemaProps; readonly field: string };

/** The schema of a list's items, when there is one for all of them. */
export function itemsOf({ items }: JSONSchemaProps): JSONSchemaProps | undefined {
  return items === undefined || isTuple(items) ? undefined : items;
}

export function isTuple(items: JSONSchemaProps['items']): items is readonly JSONSchemaProps[] {
  return Array.isArray(items);
}

/** The schema of values under names that the schema does not know. */
function additionalOf({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Parts that describe values inside the value. */
export function* structuralParts({ schema, field }: SchemaPart): Generator<SchemaPart> {
  const items = itemsOf(schema);
  if (items !== undefined) yield { schema: items, field: `${field}.items` };
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    yield { schema: part, field: `${field}.properties[${name}]` };
  }
  const additional = additionalOf(schema);
  if (additional !== undefined) yield { schema: additional, field: `${field}.additionalProperties` };
}

/** Parts that describe the value itself once more. */
export function* junctorParts({ schema, field }: SchemaPart): Generator<SchemaPart> {
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, part] of (schema[name] ?? []).entries())
      yield { schema: part, field: `${field}.${name}[${index}]` };
  }
  if (schema.not !== undefined) yield { schema: schema.not, field: `${field}.not` };
}

/** Every part, the schema itself first. */
export function* allParts(part: SchemaPart): Generator<SchemaPart> {
  yield part;
  for (const inner of structuralParts(part)) yield* allParts(inner);
  for (const inner of junctorParts(part)) yield* allParts(inner);
}
