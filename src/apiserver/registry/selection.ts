/** Which objects a list or a watch is about: a place in the store, and a filter on labels and fields. */
import { badRequestError } from '#api/errors';
import { exactField, type FieldSelector, matchesFields, parseFieldSelector } from '#api/meta/field-selector';
import { matchesLabels, SelectorError } from '#api/meta/label-selector';
import { parseSelector } from '#api/meta/label-selector-parser';
import type { ApiObject } from '#api/object';
import type { ApiRequest } from '#api/request';
import type { ResourceDefinition, ServedVersion } from '#api/resource';
import type { WatchedValue } from '#store/store';
import { listPrefix } from './keys.ts';

export type Selection = {
  readonly prefix: string;
  /** Absent when everything under the prefix is meant. */
  readonly matches?: (object: ApiObject) => boolean;
  /** One value of a field that everything selected has: a watch is found by it. */
  readonly only?: WatchedValue;
};

type Asked = Pick<ApiRequest, 'name' | 'namespace' | 'options'>;

/** `served`: the version that is asked in, when it is not the stored one. */
export function selectionOf(
  definition: ResourceDefinition,
  { name, namespace, options }: Asked,
  served?: ServedVersion<ApiObject>,
): Selection {
  const parsed = reading(() => parseFieldSelector(options.fieldSelector ?? ''));
  const asked = parsed.map((part) => ({ ...part, field: storedName(part.field, served) }));
  const fields = fieldsOf(definition, asked, name);
  const scope = namespace ?? exactField(fields, 'metadata.namespace');
  const prefix = listPrefix(definition, scope);
  const labels = reading(() => parseSelector(options.labelSelector ?? ''));
  if (fields.length === 0 && labels.requirements.length === 0) return { prefix };
  return {
    prefix,
    ...watchedValue(definition, fields),
    matches: (object) =>
      matchesLabels(labels, object.metadata.labels) &&
      matchesFields(fields, (field) => valueOf(definition, object, field)),
  };
}

function watchedValue(definition: ResourceDefinition, fields: FieldSelector): Pick<Selection, 'only'> {
  const exact = fields.find(({ operator }) => operator === '=');
  if (exact === undefined) return {};
  const { field, value } = exact;
  return { only: { field, value, read: (object) => valueOf(definition, object as ApiObject, field) } };
}

/** A watch on one name is a watch on the collection with that name selected. */
function fieldsOf(definition: ResourceDefinition, fields: FieldSelector, name: string | undefined): FieldSelector {
  for (const { field } of fields) requireSupported(definition, field);
  return name === undefined ? fields : [...fields, { field: 'metadata.name', operator: '=', value: name }];
}

const EVERYWHERE: ReadonlySet<string> = new Set(['metadata.name', 'metadata.namespace']);
const unsupported = (field: string): Error => badRequestError(`field label not supported: ${field}`);

function storedName(field: string, served: ServedVersion<ApiObject> | undefined): string {
  if (served?.fieldNames === undefined || EVERYWHERE.has(field)) return field;
  const name = Object.hasOwn(served.fieldNames, field) ? served.fieldNames[field] : undefined;
  if (name === undefined) throw unsupported(field);
  return name;
}

function requireSupported({ selectableFields }: ResourceDefinition, field: string): void {
  if (!EVERYWHERE.has(field) && !Object.hasOwn(selectableFields, field)) throw unsupported(field);
}

function valueOf({ selectableFields }: ResourceDefinition, object: ApiObject, field: string): string {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return selectableFields[field]?.(object) ?? '';
}

function reading<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequestError(error.message);
    throw error;
  }
}
