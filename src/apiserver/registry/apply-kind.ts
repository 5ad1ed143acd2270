/** What server-side apply must know of a kind: the type of its objects in each version it is served in. */
import type { StructType } from '#api/apply/apply-type';
import { structType } from '#api/apply/apply-type';
import { zeroObject } from '#api/apply/created-fields';
import type { Versions } from '#api/apply/versions';
import type { JsonObject } from '#api/meta/json-value';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import { type MessageSchema, schemaFor } from '#api/schema/schema';

export type ApplyKind = Versions & {
  readonly schemaIn: (apiVersion: string) => MessageSchema | undefined;
};

const kinds = new WeakMap<ResourceDefinition, ApplyKind | 'untyped'>();

/** Undefined for kinds without a schema: nobody's fields are recorded there. */
export function applyKindOf(definition: ResourceDefinition): ApplyKind | undefined {
  let kind = kinds.get(definition);
  if (kind === undefined) {
    kind = describeKind(definition) ?? 'untyped';
    kinds.set(definition, kind);
  }
  return kind === 'untyped' ? undefined : kind;
}

function describeKind(definition: ResourceDefinition): ApplyKind | undefined {
  return definition.schema === undefined ? describeBuiltIn(definition) : describeCustom(definition, definition.schema);
}

/** The versions of a custom kind differ in name only: nothing is converted, so that managers of all versions mean the same. */
function describeCustom({ group }: ResourceDefinition, schema: MessageSchema): ApplyKind {
  const isVersion = (apiVersion: string): boolean => apiVersion.startsWith(`${group}/`);
  return {
    schemaIn: (apiVersion) => (isVersion(apiVersion) ? schema : undefined),
    typeIn: (apiVersion) => (isVersion(apiVersion) ? structType(schema) : undefined),
    inVersion: (object, apiVersion) => (object['apiVersion'] === apiVersion ? object : { ...object, apiVersion }),
  };
}

function describeBuiltIn(definition: ResourceDefinition): ApplyKind | undefined {
  const { kind, apiVersion: storedVersion, otherVersions } = definition;
  const served = new Map(otherVersions.map((version) => [apiVersionOf(version), version]));
  const schemas = new Map<string, MessageSchema>();
  for (const version of [definition, ...otherVersions]) {
    const { group, version: name } = version;
    const schema = schemaFor({ group, version: name, kind });
    if (schema !== undefined) schemas.set(apiVersionOf(version), schema);
  }
  if (!schemas.has(storedVersion)) return undefined;
  const schemaIn = (apiVersion: string): MessageSchema | undefined => schemas.get(apiVersion);
  const typeIn = (apiVersion: string): StructType | undefined => {
    const schema = schemaIn(apiVersion);
    return schema === undefined ? undefined : structType(schema);
  };
  const inVersion = (object: JsonObject, apiVersion: string): JsonObject => {
    const from = (object as ApiObject).apiVersion;
    if (from === apiVersion) return object;
    const schema = schemaIn(from);
    // What an apply has pruned may lack parts that conversions read.
    const whole = (schema === undefined ? object : { ...zeroObject(schema), ...object }) as ApiObject;
    const stored = served.get(from)?.toStored(whole) ?? whole;
    return served.get(apiVersion)?.fromStored(stored) ?? stored;
  };
  return { schemaIn, typeIn, inVersion };
}

function apiVersionOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** An object of the kind as it is before anybody has written anything. */
export function emptyObject(
  { schemaIn }: ApplyKind,
  { apiVersion, kind }: Pick<ApiObject, 'apiVersion' | 'kind'>,
): JsonObject {
  const schema = schemaIn(apiVersion);
  return { ...(schema === undefined ? {} : zeroObject(schema)), apiVersion, kind };
}
