/** Definitions of custom kinds before `apiextensions.k8s.io/v1`: one schema for all versions, or none, and nothing had to have a type. */
import type * as former from '../types/apiextensions-v1beta1.ts';
import type * as extensions from '../types/apiextensions-v1.ts';
import { translation } from './former-version.ts';

export const FORMER_DEFINITION = translation<former.CustomResourceDefinition, extensions.CustomResourceDefinition>({
  toStored: ({ spec, ...definition }) => ({ ...definition, spec: specToStored(spec) }),
  fromStored: ({ spec, ...definition }) => ({ ...definition, spec: specFromStored(spec) }),
});

function specToStored(spec: former.CustomResourceDefinitionSpec): extensions.CustomResourceDefinitionSpec {
  const { version, validation, subresources, additionalPrinterColumns, selectableFields, ...rest } = spec;
  const { versions, conversion, preserveUnknownFields = true, ...kept } = rest;
  const given = versions ?? [];
  const all = given.length > 0 ? given : [{ name: version ?? '', served: true, storage: true }];
  const shared = { schema: validation, subresources, additionalPrinterColumns, selectableFields };
  return {
    ...kept,
    preserveUnknownFields: false,
    versions: all.map((each) => versionToStored({ ...withoutUndefined(shared), ...each }, preserveUnknownFields)),
    ...(conversion && { conversion: conversionToStored(conversion) }),
  };
}

function versionToStored(
  { additionalPrinterColumns: columns, schema, ...version }: former.CustomResourceDefinitionVersion,
  preserveUnknownFields: boolean,
): extensions.CustomResourceDefinitionVersion {
  const { openAPIV3Schema } = schema ?? {};
  const preserving = preserveUnknownFields || openAPIV3Schema === undefined ? { [PRESERVE]: true } : {};
  return {
    ...version,
    schema: { openAPIV3Schema: { type: 'object', ...typed(openAPIV3Schema ?? {}), ...preserving } },
    ...(columns && {
      additionalPrinterColumns: columns.map(({ JSONPath, ...column }) => ({ ...column, jsonPath: JSONPath })),
    }),
  };
}

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

type Schema = extensions.JSONSchemaProps;

/** What must be typed now and is not says by its parts what it is, or may be anything. */
function typed(schema: Schema): Schema {
  const { properties, items, additionalProperties } = schema as Schema & Parts;
  const parts = {
    ...(properties && { properties: mapValues(properties, typed) }),
    ...(isSchema(items) && { items: typed(items) }),
    ...(isSchema(additionalProperties) && { additionalProperties: typed(additionalProperties) }),
  };
  return { ...schema, ...typeOf(schema), ...parts };
}

type Parts = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
};

const isSchema = (part: unknown): part is Schema => typeof part === 'object' && part !== null && !Array.isArray(part);

function typeOf(schema: Schema): object {
  const { type, properties, items, additionalProperties, ...markers } = schema as Schema & Parts;
  if (type) return {};
  if (properties !== undefined || additionalProperties !== undefined) return { type: 'object' };
  if (items !== undefined) return { type: 'array' };
  const isMarked = Object.keys(markers).some((key) => key === 'x-kubernetes-int-or-string' || key === PRESERVE);
  return isMarked ? {} : { [PRESERVE]: true };
}

function conversionToStored({
  webhookClientConfig,
  conversionReviewVersions,
  ...conversion
}: former.CustomResourceConversion): extensions.CustomResourceConversion {
  if (webhookClientConfig === undefined) return conversion;
  const versions = conversionReviewVersions ?? ['v1beta1'];
  return { ...conversion, webhook: { clientConfig: webhookClientConfig, conversionReviewVersions: versions } };
}

function specFromStored({
  versions,
  conversion,
  ...spec
}: extensions.CustomResourceDefinitionSpec): former.CustomResourceDefinitionSpec {
  const [first] = versions;
  return {
    ...spec,
    preserveUnknownFields: spec.preserveUnknownFields ?? false,
    ...(first && { version: first.name }),
    versions: versions.map(versionFromStored),
    ...(conversion && { conversion: conversionFromStored(conversion) }),
  };
}

/** Schemas of both versions are written alike. */
function versionFromStored(
  version: extensions.CustomResourceDefinitionVersion,
): former.CustomResourceDefinitionVersion {
  const { additionalPrinterColumns: columns, ...rest } = version;
  const kept = rest as former.CustomResourceDefinitionVersion;
  if (columns === undefined) return kept;
  const renamed = columns.map(({ jsonPath, ...column }) => ({ ...column, JSONPath: jsonPath }));
  return { ...kept, additionalPrinterColumns: renamed };
}

function conversionFromStored({
  webhook,
  ...conversion
}: extensions.CustomResourceConversion): former.CustomResourceConversion {
  if (webhook === undefined) return conversion;
  const { clientConfig, conversionReviewVersions } = webhook;
  return { ...conversion, ...(clientConfig && { webhookClientConfig: clientConfig }), conversionReviewVersions };
}

const mapValues = <V>(record: Readonly<Record<string, V>>, change: (value: V) => V): Readonly<Record<string, V>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
