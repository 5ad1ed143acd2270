/** The schema table as OpenAPI definitions, in the dialect of version 2 or 3. */
import type { JsonObject } from '../meta/json-value.ts';
import { definitionName } from './definition-name.ts';
import { describeField, describeMessage } from './descriptions.ts';
import { messageSchema } from './schema.ts';
import type { FieldSchema, GroupVersionKind, MessageSchema } from './schema.ts';
import type { Scalar, SpecialForm } from './table.ts';

/** How the versions of OpenAPI differ where definitions are concerned. */
export type Dialect = {
  readonly refPrefix: '#/definitions/' | '#/components/schemas/';
  /** A reference that has other keywords beside it. */
  readonly annotatedRef: (ref: JsonObject, annotations: JsonObject) => JsonObject;
  readonly specials: Readonly<Record<SpecialForm, JsonObject>>;
};

const COMMON_SPECIALS = {
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  duration: { type: 'string' },
  rawExtension: { type: 'object' },
  rawJson: {},
  schemaOrArray: {},
  schemaOrBool: {},
  schemaOrStringArray: {},
} as const;

export const DIALECT_V2: Dialect = {
  refPrefix: '#/definitions/',
  annotatedRef: (ref, annotations) => ({ ...annotations, ...ref }),
  specials: {
    ...COMMON_SPECIALS,
    quantity: { type: 'string' },
    intOrString: { type: 'string', format: 'int-or-string' },
  },
};

export const DIALECT_V3: Dialect = {
  refPrefix: '#/components/schemas/',
  annotatedRef: (ref, annotations) => ({ ...annotations, allOf: [ref] }),
  specials: {
    ...COMMON_SPECIALS,
    quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    intOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
};

/** All definitions that the roots need, by name, sorted. `kindsOf` adds group, version and kind where a message has several. */
export function definitionsOf(roots: readonly string[], dialect: Dialect, kindsOf: KindsOf = () => []): JsonObject {
  const found = new Map<string, JsonObject>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const schema = messageSchema(name);
    found.set(name, defineMessage(schema, dialect, kindsOf(schema)));
    open.push(...referredBy(schema));
  }
  const named = [...found].map(([name, definition]) => [definitionName(name), definition] as const);
  return Object.fromEntries(named.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

export type KindsOf = (schema: MessageSchema) => readonly GroupVersionKind[];

function referredBy(schema: MessageSchema): readonly string[] {
  if (schema.special !== undefined) return [];
  return [...schema.fields.values()].flatMap(({ message }) => {
    if (message === undefined) return [];
    return message.isListWrapper ? [] : [message.name];
  });
}

function defineMessage(schema: MessageSchema, dialect: Dialect, kinds: readonly GroupVersionKind[]): JsonObject {
  const description = describeMessage(schema);
  const head = description === undefined ? {} : { description };
  if (schema.special !== undefined) return { ...head, ...dialect.specials[schema.special] };
  const fields = [...schema.fields.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  const ofSchema = schema.kind === undefined ? [] : [schema.kind];
  const allKinds = kinds.length > 0 ? kinds : ofSchema;
  return {
    ...head,
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    ...(fields.length > 0
      ? { properties: Object.fromEntries(fields.map((field) => [field.name, property(schema, field, dialect)])) }
      : {}),
    ...(allKinds.length > 0 ? { 'x-kubernetes-group-version-kind': allKinds } : {}),
    ...(schema.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

function property(schema: MessageSchema, field: FieldSchema, dialect: Dialect): JsonObject {
  const description = describeField(schema, field);
  const annotations = {
    ...(description === undefined ? {} : { description }),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...mergeAnnotations(field),
  };
  const type = fieldType(field, dialect);
  return '$ref' in type && Object.keys(annotations).length > 0
    ? dialect.annotatedRef(type, annotations)
    : { ...annotations, ...type };
}

function mergeAnnotations(field: FieldSchema): JsonObject {
  return {
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

function fieldType(field: FieldSchema, dialect: Dialect): JsonObject {
  const value = valueType(field, dialect);
  if (field.map) return { type: 'object', additionalProperties: value };
  return field.list ? { type: 'array', items: value } : value;
}

const SCALAR_TYPES: Readonly<Record<Scalar, JsonObject>> = {
  string: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint32: { type: 'integer', format: 'int64' },
  uint64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  float: { type: 'number', format: 'float' },
  any: {},
};

function valueType({ scalar, message, enum: values }: FieldSchema, dialect: Dialect): JsonObject {
  if (scalar !== undefined)
    return values === undefined ? SCALAR_TYPES[scalar] : { ...SCALAR_TYPES[scalar], enum: values };
  if (message?.isListWrapper === true) return fieldType(message.protobufFields[0]!, dialect);
  return { $ref: `${dialect.refPrefix}${definitionName(message?.name ?? '')}` };
}
