/** Checks that a schema is structural: the type of every field is told once, outside of all combinations. */
import { type FieldError, forbidden, invalid, required } from '../meta/field-error.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts';
import { compilePattern, PatternError } from './schema/pattern.ts';
import { itemsOf, junctorParts, type SchemaPart, structuralParts } from './schema-field.ts';

/** Errors in the order of their texts, as upstream tells them. */
export function validateStructural(root: SchemaPart): readonly FieldError[] {
  const errors = [...invariants(root, 'root'), ...completeness(root, root)];
  const text = ({ field, message }: FieldError): string => `${field}: ${message}`;
  return errors.toSorted((left, right) => (text(left) < text(right) ? -1 : 1));
}

type Level = 'root' | 'items' | 'field';

function* invariants(part: SchemaPart, level: Level): Generator<FieldError> {
  const { schema, field } = part;
  if (schema.type === 'array' && schema.items === undefined) yield required(`${field}.items`, 'must be specified');
  for (const inner of structuralParts(part)) {
    yield* invariants(inner, inner.field === `${field}.items` ? 'items' : 'field');
  }
  if (level === 'root' && schema.additionalProperties !== undefined) {
    yield forbidden(`${field}.additionalProperties`, 'must not be used at the root');
  }
  yield* extensions(part);
  yield* valueRules(part, exemptions(schema));
  yield* typeRules(part, level);
  yield* metadataRules(part, level);
}

function* extensions({ schema, field }: SchemaPart): Generator<FieldError> {
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
    if (schema[name] === true) {
      yield invalid(`${field}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true');
    }
  }
}

const WHERE: Readonly<Record<Level, string>> = {
  root: 'at the root',
  items: 'for specified array items',
  field: 'for specified object fields',
};

function* typeRules(part: SchemaPart, level: Level): Generator<FieldError> {
  const { schema, field } = part;
  const { type = '' } = schema;
  if (schema['x-kubernetes-embedded-resource'] === true) yield* embeddedRules(part);
  else if (type === '' && !isUntyped(schema)) yield required(`${field}.type`, `must not be empty ${WHERE[level]}`);
  if (level === 'root' && type !== '' && type !== 'object') {
    yield invalid(`${field}.type`, type, 'must be object at the root');
  }
}

function* embeddedRules({ schema, field }: SchemaPart): Generator<FieldError> {
  const { type = '' } = schema;
  if (type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    yield type === '' ? required(`${field}.type`, why) : invalid(`${field}.type`, type, why);
  }
  if (schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    yield forbidden(`${field}.additionalProperties`, why);
  }
  if (isClosedAndEmpty(schema)) {
    yield required(
      `${field}.properties`,
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    );
  }
}

function isUntyped(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
}

function isClosedAndEmpty(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(schema.properties ?? {}).length === 0;
}

const META_TYPES: readonly (readonly [name: string, type: string])[] = [
  ['kind', 'string'],
  ['apiVersion', 'string'],
  ['metadata', 'object'],
];

function* metadataRules(part: SchemaPart, level: Level): Generator<FieldError> {
  if (level !== 'root' && part.schema['x-kubernetes-embedded-resource'] !== true) return;
  yield* metaTypes(part);
  const metadata = part.schema.properties?.['metadata'];
  if (level === 'root' && metadata !== undefined && !restrictsNamesOnly(metadata)) {
    yield forbidden(
      `${part.field}.properties[metadata]`,
      'must not specify anything other than name and generateName, but metadata is implicitly specified',
    );
  }
}

function* metaTypes({ schema, field }: SchemaPart): Generator<FieldError> {
  for (const [name, type] of META_TYPES) {
    const given = schema.properties?.[name];
    if (given === undefined || given.type === type) continue;
    yield invalid(`${field}.properties[${name}].type`, given.type ?? '', `must be ${type}`);
  }
}

const ABOUT_METADATA = new Set(['type', 'properties', 'default']);

function restrictsNamesOnly(metadata: JSONSchemaProps): boolean {
  const names = Object.keys(metadata.properties ?? {});
  return (
    names.every((name) => name === 'name' || name === 'generateName') &&
    Object.keys(metadata).every((key) => ABOUT_METADATA.has(key))
  );
}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

type Exemptions = { readonly anyOf: boolean; readonly allOfAnyOf: boolean };

/** The one combination that may name types says "a number or a text". */
function exemptions({ anyOf, allOf }: JSONSchemaProps): Exemptions {
  return {
    anyOf: semanticEqual(anyOf ?? [], INT_OR_STRING),
    allOfAnyOf: semanticEqual(allOf?.[0]?.anyOf ?? [], INT_OR_STRING),
  };
}

function* valueRules(part: SchemaPart, exempt: Exemptions): Generator<FieldError> {
  const { schema, field } = part;
  for (const inner of junctorParts(part)) {
    if (exempt.anyOf && inner.field.startsWith(`${field}.anyOf[`)) continue;
    const first = exempt.allOfAnyOf && inner.field === `${field}.allOf[0]`;
    yield* nestedRules(inner, { anyOf: first, allOfAnyOf: false });
  }
  const { pattern } = schema;
  if (pattern === undefined || pattern === '') return;
  try {
    compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    yield invalid(`${field}.pattern`, pattern, `must be a valid regular expression, but isn't: ${error.message}`);
  }
}

function* nestedRules(part: SchemaPart, exempt: Exemptions): Generator<FieldError> {
  const { schema, field } = part;
  yield* valueRules(part, exempt);
  const items = itemsOf(schema);
  if (items !== undefined) yield* nestedRules({ schema: items, field: `${field}.items` }, NOTHING);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    yield* nestedRules({ schema: inner, field: `${field}.properties[${name}]` }, NOTHING);
  }
  for (const [key, isSet, why] of NOT_IN_COMBINATIONS) {
    if (isSet(schema)) yield forbidden(`${field}.${key}`, `must be ${why} to be structural`);
  }
  if (schema.properties?.['metadata'] !== undefined) {
    yield forbidden(`${field}.properties[metadata]`, 'must not be specified in a nested context');
  }
}

const NOTHING: Exemptions = { anyOf: false, allOfAnyOf: false };

type NestedRule = readonly [key: string, isSet: (schema: JSONSchemaProps) => boolean, why: string];

const NOT_IN_COMBINATIONS: readonly NestedRule[] = [
  ['type', ({ type }) => Boolean(type), 'empty'],
  ['additionalProperties', ({ additionalProperties }) => Boolean(additionalProperties), 'undefined'],
  ['default', (schema) => schema.default !== undefined, 'undefined'],
  ['title', ({ title }) => Boolean(title), 'empty'],
  ['description', ({ description }) => Boolean(description), 'empty'],
  ['nullable', ({ nullable }) => nullable === true, 'false'],
  isFlag('x-kubernetes-preserve-unknown-fields'),
  isFlag('x-kubernetes-embedded-resource'),
  isFlag('x-kubernetes-int-or-string'),
  ['x-kubernetes-list-map-keys', (schema) => (schema['x-kubernetes-list-map-keys'] ?? []).length > 0, 'empty'],
  ['x-kubernetes-list-type', (schema) => schema['x-kubernetes-list-type'] !== undefined, 'undefined'],
  ['x-kubernetes-map-type', (schema) => schema['x-kubernetes-map-type'] !== undefined, 'undefined'],
];

function isFlag(
  key: 'x-kubernetes-preserve-unknown-fields' | 'x-kubernetes-embedded-resource' | 'x-kubernetes-int-or-string',
): NestedRule {
  return [key, (schema) => schema[key] === true, 'false'];
}

/** Whatever a combination speaks of is specified outside of it too. */
function* completeness(root: SchemaPart, part: SchemaPart): Generator<FieldError> {
  for (const inner of junctorParts(part)) yield* specified(root, inner);
}

function* specified(structural: SchemaPart, part: SchemaPart): Generator<FieldError> {
  yield* completeness(structural, part);
  const items = itemsOf(part.schema);
  if (items !== undefined) {
    yield* below(
      { schema: itemsOf(structural.schema), field: `${structural.field}.items` },
      {
        schema: items,
        field: `${part.field}.items`,
      },
    );
  }
  for (const [name, inner] of Object.entries(part.schema.properties ?? {})) {
    const properties = structural.schema.properties ?? {};
    const found = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const suffix = `.properties[${name}]`;
    yield* below({ schema: found, field: structural.field + suffix }, { schema: inner, field: part.field + suffix });
  }
}

type Place = { readonly schema: JSONSchemaProps | undefined; readonly field: string };

function* below({ schema, field }: Place, part: SchemaPart): Generator<FieldError> {
  if (schema === undefined) yield required(field, `because it is defined in ${part.field}`);
  else yield* specified({ schema, field }, part);
}
