/** Which definitions the operations on served resources refer to. */
import { definitionName } from './definition-name.ts';
import type { JsonObject } from '../meta/json-value.ts';
import type { Dialect, KindsOf } from './openapi-definitions.ts';
import type { Operation, ServedResource } from './openapi-paths.ts';
import { schemaFor } from './schema.ts';
import type { GroupVersionKind } from './schema.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const STATUS = `${META}.Status`;
const DELETE_OPTIONS = `${META}.DeleteOptions`;
const PATCH = `${META}.Patch`;
const OBJECT_META = `${META}.ObjectMeta`;
const LIST_META = `${META}.ListMeta`;
const WATCH_EVENT = `${META}.WatchEvent`;

const PATCH_MEDIA_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;
const BODY_MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;

/** The message of what an operation returns; undefined for kinds that nobody describes. */
export function resultMessage({ result, gvk, model }: Operation): string | undefined {
  if (result === 'Status') return STATUS;
  if (result === 'List') return model?.listName ?? schemaFor({ ...gvk, kind: `${gvk.kind}List` })?.name;
  return schemaFor(result)?.name ?? model?.name;
}

export function bodyMessage({ body, model }: Operation): string | undefined {
  if (body === undefined) return undefined;
  if (body === 'Patch') return PATCH;
  return body === 'DeleteOptions' ? DELETE_OPTIONS : (schemaFor(body)?.name ?? model?.name);
}

/** How a patch of the resource may be written. */
export function patchMediaTypes({ model }: Operation): readonly string[] {
  return model === undefined ? PATCH_MEDIA_TYPES : PATCH_MEDIA_TYPES.filter((type) => !type.includes('strategic'));
}

/** How else bodies may be written. */
export function bodyMediaTypes({ model }: Operation): readonly string[] {
  return model === undefined ? BODY_MEDIA_TYPES : BODY_MEDIA_TYPES.filter((type) => !type.includes('protobuf'));
}

/** Definitions of the kinds that are not in the schema table, by name. */
export function customDefinitions(resources: readonly ServedResource[], dialect: Dialect): JsonObject {
  const entries = resources.flatMap(({ model }) =>
    model === undefined
      ? []
      : [[model.name, model.define(dialect)] as const, [model.listName, model.defineList(dialect)] as const],
  );
  return Object.fromEntries(entries);
}

/** What a document about these operations must define. */
export function rootMessages(
  resources: readonly ServedResource[],
  operations: readonly Operation[],
): readonly string[] {
  const ofOperations = operations.flatMap((operation) => [resultMessage(operation), bodyMessage(operation)]);
  const ofKinds = resources.map((resource) => schemaFor(resource)?.name);
  const custom = new Set(resources.flatMap(({ model }) => (model === undefined ? [] : [model.name, model.listName])));
  const common = [STATUS, DELETE_OPTIONS, WATCH_EVENT, ...(custom.size === 0 ? [] : [OBJECT_META, LIST_META])];
  return [...new Set([...ofKinds, ...ofOperations, ...common])].filter(
    (name) => name !== undefined && !custom.has(name),
  ) as readonly string[];
}

/** Options and watch events are kinds of every group and version that is served. */
export function kindsOfServed(resources: readonly ServedResource[]): KindsOf {
  const versions = new Map<string, GroupVersionKind>([['v1', { group: '', version: 'v1', kind: '' }]]);
  for (const { group, version } of resources) versions.set(`${group}/${version}`, { group, version, kind: '' });
  return ({ name, kind }) =>
    name === DELETE_OPTIONS || name === WATCH_EVENT
      ? [...versions.values()].map(({ group, version }) => ({ group, version, kind: kind?.kind ?? '' }))
      : [];
}

export function reference(prefix: string, messageName: string): { readonly $ref: string } {
  return { $ref: `${prefix}${definitionName(messageName)}` };
}
