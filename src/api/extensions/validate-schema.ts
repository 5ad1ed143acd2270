/** Checks the schema of a custom kind: what OpenAPI allows of it, and what the markers of Kubernetes demand. */
import { type FieldError, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { JSONSchemaProps } from '../types/apiextensions-v1.ts';
import { compileSchema } from './schema/structural.ts';
import { isTuple, itemsOf, junctorParts, type SchemaPart } from './schema-field.ts';
import { validateDefaults } from './validate-defaults.ts';
import { validateStructural } from './validate-structural.ts';

/** `field` is that of the `openAPIV3Schema`. */
export function* validateSchema(
  schema: JSONSchemaProps,
  field: string,
  status: 'status' | 'none',
): Generator<FieldError> {
  const root: SchemaPart = { schema, field };
  if (status === 'status') yield* beneathStatus(root);
  if (schema.nullable === true) yield forbidden(`${field}.nullable`, 'nullable cannot be true at the root');
  const unsupported = [...openApi(root, { isRoot: true, inMeta: false, noDefaults: undefined })];
  const structural = validateStructural(root);
  yield* structural;
  yield* unsupported;
  // Only what compiles can be asked whether its defaults fit.
  if (structural.length === 0 && unsupported.length === 0) yield* validateDefaults(compileSchema(schema), field);
}

const BENEATH_STATUS: readonly (readonly [key: keyof JSONSchemaProps, name: string])[] = [
  ['description', 'Description'],
  ['type', 'Type'],
  ['format', 'Format'],
  ['title', 'Title'],
  ['maximum', 'Maximum'],
  ['exclusiveMaximum', 'ExclusiveMaximum'],
  ['minimum', 'Minimum'],
  ['exclusiveMinimum', 'ExclusiveMinimum'],
  ['maxLength', 'MaxLength'],
  ['minLength', 'MinLength'],
  ['pattern', 'Pattern'],
  ['maxItems', 'MaxItems'],
  ['minItems', 'MinItems'],
  ['uniqueItems', 'UniqueItems'],
  ['multipleOf', 'MultipleOf'],
  ['required', 'Required'],
  ['items', 'Items'],
  ['properties', 'Properties'],
  ['externalDocs', 'ExternalDocs'],
  ['example', 'Example'],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'],
  ['x-kubernetes-validations', 'XValidations'],
];

function* beneathStatus({ schema, field }: SchemaPart): Generator<FieldError> {
  const allowed = new Set<string>(BENEATH_STATUS.map(([key]) => key));
  if (schema.type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    yield invalid(`${field}.type`, schema.type ?? '', why);
  } else if (Object.keys(schema).some((key) => !allowed.has(key))) {
    const names = BENEATH_STATUS.map(([, name]) => name).join(' ');
    yield invalid(
      field,
      schema,
      `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`,
    );
  }
}

type Where = {
  readonly isRoot: boolean;
  /** Inside apiVersion, kind or metadata. */
  readonly inMeta: boolean;
  /** Why defaults may not be set here. */
  readonly noDefaults: string | undefined;
};

function* openApi(part: SchemaPart, where: Where): Generator<FieldError> {
  yield* unsupportedParts(part, where);
  yield* markerRules(part);
  yield* listMarkers(part);
  yield* listMapRules(part);
  const inner = { ...where, isRoot: false };
  yield* additionalRules(part, inner);
  for (const [name, schema] of Object.entries(part.schema.properties ?? {})) {
    const meta = META_FIELDS.has(name) && (where.isRoot || part.schema['x-kubernetes-embedded-resource'] === true);
    const below = {
      isRoot: false,
      inMeta: where.inMeta || meta,
      noDefaults: meta && where.isRoot ? `in top-level ${name}` : where.noDefaults,
    };
    yield* openApi({ schema, field: `${part.field}.properties[${name}]` }, below);
  }
  for (const junctor of junctorParts(part)) yield* openApi(junctor, inner);
  const items = itemsOf(part.schema);
  if (items !== undefined) yield* openApi({ schema: items, field: `${part.field}.items` }, inner);
}

const META_FIELDS: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);

function* additionalRules({ schema, field }: SchemaPart, where: Where): Generator<FieldError> {
  const { additionalProperties, properties = {} } = schema;
  if (additionalProperties === undefined) return;
  if (Object.keys(properties).length > 0 && additionalProperties !== true) {
    yield forbidden(`${field}.additionalProperties`, 'additionalProperties and properties are mutual exclusive');
  }
  if (typeof additionalProperties !== 'object') return;
  const reason = where.inMeta ? 'inside additionalProperties applying to object metadata' : where.noDefaults;
  yield* openApi(
    { schema: additionalProperties, field: `${field}.additionalProperties` },
    { ...where, noDefaults: reason },
  );
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const UNSUPPORTED: readonly (readonly [key: keyof JSONSchemaProps, why: string])[] = [
  ['id', 'id is not supported'],
  ['$schema', 'schema is not supported'],
  ['additionalItems', 'additionalItems is not supported'],
  ['patternProperties', 'patternProperties is not supported'],
  ['definitions', 'definitions is not supported'],
  ['dependencies', 'dependencies is not supported'],
  ['$ref', '$ref is not supported'],
];

function* unsupportedParts(part: SchemaPart, { inMeta, noDefaults }: Where): Generator<FieldError> {
  const { schema, field } = part;
  yield* unsupportedType(part);
  if (schema.default !== undefined && noDefaults !== undefined) {
    yield forbidden(`${field}.default`, `must not be set ${noDefaults}`);
  }
  for (const [key, why] of UNSUPPORTED) if (schema[key] !== undefined) yield forbidden(`${field}.${key}`, why);
  if (isTuple(schema.items)) yield forbidden(`${field}.items`, 'items must be a schema object and not an array');
  if (inMeta && schema['x-kubernetes-embedded-resource'] === true) {
    yield forbidden(`${field}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta');
  }
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    yield forbidden(`${field}.uniqueItems`, why);
  }
}

function* unsupportedType({ schema, field }: SchemaPart): Generator<FieldError> {
  const { type = '' } = schema;
  if (type !== '' && !TYPES.includes(type)) yield notSupported(`${field}.type`, type, TYPES);
  if (type === 'null') {
    yield forbidden(`${field}.type`, 'type cannot be set to null, use nullable as an alternative');
  }
}

function* markerRules({ schema, field }: SchemaPart): Generator<FieldError> {
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    yield invalid(`${field}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined');
  }
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) {
    // Accepting rules that nobody enforces would let objects in that their author believes to be impossible.
    yield forbidden(`${field}.x-kubernetes-validations`, 'validation rules are not supported by this server');
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return;
  yield* requiredType({ schema, field }, 'object', 'x-kubernetes-map-type');
  if (mapType !== 'atomic' && mapType !== 'granular') {
    yield notSupported(`${field}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']);
  }
}

function* requiredType({ schema, field }: SchemaPart, type: string, marker: string): Generator<FieldError> {
  if (schema.type === type) return;
  const why = `must be ${type} if ${marker} is specified`;
  yield schema.type ? invalid(`${field}.type`, schema.type, why) : required(`${field}.type`, why);
}

const LIST_TYPES = ['atomic', 'set', 'map'];

function* listMarkers(part: SchemaPart): Generator<FieldError> {
  const { schema, field } = part;
  const listType = schema['x-kubernetes-list-type'];
  const at = `${field}.x-kubernetes-list-type`;
  if ((schema['x-kubernetes-list-map-keys'] ?? []).length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    yield listType === undefined ? required(at, why) : invalid(at, listType, why);
  }
  if (listType === undefined) return;
  yield* requiredType(part, 'array', 'x-kubernetes-list-type');
  if (!LIST_TYPES.includes(listType)) yield notSupported(at, listType, LIST_TYPES);
  const items = itemsOf(schema);
  if (items !== undefined && listType !== 'atomic') yield* uniqueItemRules(items, { field, listType });
}

function* uniqueItemRules(
  items: JSONSchemaProps,
  { field, listType }: { readonly field: string; readonly listType: string },
): Generator<FieldError> {
  if (items.nullable === true) {
    yield forbidden(`${field}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`);
  }
  if (listType === 'set') yield* setItems(items, field);
}

function* setItems(items: JSONSchemaProps, field: string): Generator<FieldError> {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'] ?? 'atomic';
  if (items.type === 'array' && listType !== 'atomic') {
    yield invalid(`${field}.items.x-kubernetes-list-type`, listType, why);
  }
  const mapType = items['x-kubernetes-map-type'];
  if (items.type === 'object' && mapType !== 'atomic') {
    yield invalid(`${field}.items.x-kubernetes-map-type`, mapType, why);
  }
}

function* listMapRules({ schema, field }: SchemaPart): Generator<FieldError> {
  if (schema['x-kubernetes-list-type'] !== 'map') return;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0) {
    yield required(`${field}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map');
  }
  if (schema.items === undefined) {
    yield required(`${field}.items`, 'must have a schema if x-kubernetes-list-type is map');
  }
  const items = itemsOf(schema);
  if (items?.type === 'object') yield* keysRules(items, { keys, field });
  else if (items !== undefined) {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    yield invalid(`${field}.items.type`, items.type ?? '', why);
  }
}

type Keys = { readonly keys: readonly string[]; readonly field: string };

function* keysRules(items: JSONSchemaProps, { keys, field }: Keys): Generator<FieldError> {
  const at = `${field}.x-kubernetes-list-map-keys`;
  const { properties = {} } = items;
  if (keys.some((key) => !Object.hasOwn(properties, key))) {
    yield invalid(at, keys, 'entries must all be names of item properties');
  }
  if (new Set(keys).size < keys.length) yield invalid(at, keys, 'must not contain duplicate entries');
  for (const key of keys) {
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (schema !== undefined) yield* keyRules({ schema, field: `${field}.items.properties[${key}]` }, items, key);
  }
}

function* keyRules({ schema, field }: SchemaPart, items: JSONSchemaProps, key: string): Generator<FieldError> {
  if (schema.type === 'array' || schema.type === 'object') {
    const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    yield invalid(`${field}.type`, schema.type, why);
  }
  const listed = 'this property is in x-kubernetes-list-map-keys, so it';
  if (schema.default === undefined && items.required?.includes(key) !== true) {
    yield required(`${field}.default`, `${listed} must have a default or be a required property`);
  }
  if (schema.nullable === true) yield forbidden(`${field}.nullable`, `${listed} cannot be nullable`);
}
