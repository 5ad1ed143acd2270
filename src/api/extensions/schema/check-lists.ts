/** Checks what schemas say beyond OpenAPI: lists whose entries are unique, and objects inside objects. */
import { type FieldError, duplicate, invalid, required } from '../../meta/field-error.ts';
import { isJsonObject, type JsonObject } from '../../meta/json-value.ts';
import { checkDns1035Label, checkPathSegment } from '../../meta/names.ts';
import { validateObjectMeta } from '../../meta/validate-object-meta.ts';
import { decodeObject } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { messageSchema } from '../../schema/schema.ts';
import type { ObjectMeta } from '../../types/meta-v1.ts';
import type { StructuralSchema } from './structural.ts';

/** `object` has the shape of the schema. */
export function checkLists(schema: StructuralSchema, object: unknown): readonly FieldError[] {
  return schema.hasLists ? [...below(schema, object, '')] : [];
}

function* below(schema: StructuralSchema, value: unknown, path: string): Generator<FieldError> {
  if (!schema.hasLists) return;
  if (Array.isArray(value)) yield* ofList(schema, value, path);
  else if (isJsonObject(value)) yield* ofFields(schema, value, path);
}

function* ofFields(schema: StructuralSchema, object: JsonObject, path: string): Generator<FieldError> {
  // The object itself is checked as every object is.
  if (schema.embedded && path !== '') yield* ofEmbedded(object, path);
  const { additional, properties } = schema;
  for (const [name, value] of Object.entries(object)) {
    const own = properties.get(name);
    if (own !== undefined) yield* below(own, value, path === '' ? name : `${path}.${name}`);
    else if (typeof additional === 'object') yield* below(additional, value, `${path}[${name}]`);
  }
}

function* ofList(schema: StructuralSchema, list: readonly unknown[], path: string): Generator<FieldError> {
  if (schema.listType === 'set') yield* duplicates(list, path);
  if (schema.listType === 'map') yield* duplicateKeys(schema, list, path);
  if (schema.items === undefined) return;
  for (const [index, item] of list.entries()) yield* below(schema.items, item, `${path}[${index}]`);
}

/** Each value that is there more than once is told once, where it is there the second time. */
function* duplicates(values: readonly unknown[], path: string): Generator<FieldError> {
  const times = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const text = canonical(value);
    const seen = (times.get(text) ?? 0) + 1;
    times.set(text, seen);
    if (seen === 2) yield duplicate(`${path}[${index}]`, value);
  }
}

/** The same text for values that are equal as JSON. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

function* duplicateKeys(
  { listMapKeys }: StructuralSchema,
  list: readonly unknown[],
  path: string,
): Generator<FieldError> {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) {
    yield invalid(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map');
    return;
  }
  const keys = list.map((item) => {
    const fields = isJsonObject(item) ? item : {};
    return Object.fromEntries(
      listMapKeys.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]]),
    );
  });
  yield* duplicates(keys, path);
}

function* ofEmbedded(object: JsonObject, path: string): Generator<FieldError> {
  yield* ofEmbeddedType(object, path);
  const { metadata } = object;
  if (metadata === undefined) return;
  if (!isJsonObject(metadata)) {
    yield invalid(`${path}.metadata`, metadata, 'must be an object');
    return;
  }
  const decoded = decodeMeta(metadata);
  if (typeof decoded === 'string') {
    yield invalid(`${path}.metadata`, metadata, decoded);
    return;
  }
  // A template need not have a name yet.
  const meta = { ...decoded, name: decoded.name || 'fakename' };
  const namespaced = Boolean(meta.namespace);
  for (const error of validateObjectMeta(meta, { namespaced, checkName: checkPathSegment })) {
    yield { ...error, field: `${path}.${error.field}` };
  }
}

/** What is wrong with its types, if anything is. */
function decodeMeta(metadata: JsonObject): ObjectMeta | string {
  try {
    const { object } = decodeObject(messageSchema(META), metadata, { fieldValidation: 'Ignore' });
    return object as unknown as ObjectMeta;
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta';

function* ofEmbeddedType(object: JsonObject, path: string): Generator<FieldError> {
  for (const name of ['apiVersion', 'kind'] as const) {
    const value = object[name];
    const field = `${path}.${name}`;
    if (value === undefined) yield required(field);
    else if (typeof value !== 'string') yield invalid(field, value, 'must be a string');
    else if (value === '') yield invalid(field, value, 'must not be empty');
    else yield* name === 'kind' ? ofKind(value, field) : ofApiVersion(value, field);
  }
}

function* ofKind(kind: string, field: string): Generator<FieldError> {
  const problems = checkDns1035Label(kind.toLowerCase());
  if (problems.length > 0) {
    yield invalid(field, kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`);
  }
}

function* ofApiVersion(apiVersion: string, field: string): Generator<FieldError> {
  if (apiVersion.split('/').length > 2) {
    yield invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  }
}
