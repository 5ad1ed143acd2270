/** A custom kind as OpenAPI definitions: its schema, with the fields that every object has. */
import type { JsonObject } from '#api/meta/json-value';
import type { ResourceDefinition } from '#api/resource';
import type { Dialect } from '#api/schema/openapi-definitions';
import type { CustomModel } from '#api/schema/openapi-paths';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '#api/types/apiextensions-v1';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

export function customModel(
  { group, version, kind, listKind, plural }: ResourceDefinition,
  { schema, selectableFields }: CustomResourceDefinitionVersion,
): CustomModel {
  const prefix = [...group.split('.').toReversed(), version].join('.');
  const root = schema?.openAPIV3Schema;
  const name = `${prefix}.${kind}`;
  const fields = selectableFields?.map(({ jsonPath }) => ({ fieldPath: jsonPath.slice(1) }));
  const marks = fields === undefined ? {} : { 'x-kubernetes-selectable-fields': fields };
  const known = (what: string): JsonObject => ({
    'x-kubernetes-group-version-kind': [{ group, version, kind: what }],
    ...marks,
  });
  return {
    name,
    listName: `${prefix}.${listKind}`,
    define: (dialect) => ({ ...objectModel(root, dialect), ...known(kind) }),
    defineList: (dialect) => ({
      description: `${listKind} is a list of ${kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...TYPE_FIELDS,
        items: {
          description: `List of ${plural}.`,
          type: 'array',
          items: referTo(name, dialect),
        },
        metadata: referTo(`${META}.ListMeta`, dialect),
      },
      ...known(listKind),
    }),
  };
}

const TYPE_FIELDS: JsonObject = {
  apiVersion: { type: 'string', description: 'The version of the schema that the object follows.' },
  kind: { type: 'string', description: 'What kind of object this is.' },
};

function referTo(name: string, dialect: Dialect): JsonObject {
  return { $ref: `${dialect.refPrefix}${name}` };
}

function objectModel(root: JSONSchemaProps | undefined, dialect: Dialect): JsonObject {
  const isV2 = dialect.refPrefix === '#/definitions/';
  if (root === undefined || (isV2 && root['x-kubernetes-preserve-unknown-fields'] === true)) return { type: 'object' };
  const schema = isV2 ? inVersion2(root) : inVersion3(root, dialect);
  return withObjectFields(schema, dialect);
}

function withObjectFields(schema: JsonObject, dialect: Dialect): JsonObject {
  const metadata = dialect.annotatedRef(referTo(`${META}.ObjectMeta`, dialect), {
    description: 'Standard metadata of every object.',
  });
  return { ...schema, properties: { ...(schema['properties'] as JsonObject | undefined), ...TYPE_FIELDS, metadata } };
}

type Translate = (schema: JSONSchemaProps) => JsonObject;

/** The parts inside a schema, each translated. */
function withParts(schema: JSONSchemaProps, translate: Translate): JsonObject {
  const { items, properties, additionalProperties } = schema;
  return {
    ...(items === undefined || Array.isArray(items) ? {} : { items: translate(items as JSONSchemaProps) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, translate(part)])),
        }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: translate(additionalProperties) } : {}),
  };
}

function inVersion3(schema: JSONSchemaProps, dialect: Dialect): JsonObject {
  const translate: Translate = (part) => inVersion3(part, dialect);
  const translated = { ...schema, ...withParts(schema, translate) };
  return schema['x-kubernetes-embedded-resource'] === true ? embedded(translated, dialect) : translated;
}

function embedded(schema: JsonObject, dialect: Dialect): JsonObject {
  const required = new Set([...((schema['required'] as readonly string[] | undefined) ?? []), 'kind', 'apiVersion']);
  return { ...withObjectFields(schema, dialect), required: [...required] };
}

// Version 2 has no words for these.
const NOT_IN_VERSION_2 = new Set(['nullable', 'anyOf', 'oneOf', 'not', 'allOf']);

/** What clients of version 2 take wrongly is left out, so that they let the server decide. */
function inVersion2(schema: JSONSchemaProps): JsonObject {
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !NOT_IN_VERSION_2.has(key)));
  const { type: _type, items: _items, properties: _properties, ...untyped } = kept;
  if (schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true) {
    const { additionalProperties: _additional, ...rest } = untyped;
    return rest;
  }
  // A value that may be null has no type there.
  if (schema.nullable === true) return untyped;
  return { ...kept, ...withParts(schema, inVersion2) };
}
