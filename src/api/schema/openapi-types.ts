/** Which definitions the operations on served resources refer to. */
import { definitionName } from './definition-name.ts';
import type { KindsOf } from './openapi-definitions.ts';
import type { Operation, ServedResource } from './openapi-paths.ts';
import { schemaFor } from './schema.ts';
import type { GroupVersionKind } from './schema.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const STATUS = `${META}.Status`;
const DELETE_OPTIONS = `${META}.DeleteOptions`;
const PATCH = `${META}.Patch`;
const WATCH_EVENT = `${META}.WatchEvent`;

export const PATCH_MEDIA_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
] as const;
export const BODY_MEDIA_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
] as const;

/** The message of what an operation returns; undefined for kinds that are not in the schema table. */
export function resultMessage({ result, gvk }: Operation): string | undefined {
  if (result === 'Status') return STATUS;
  return schemaFor(result === 'List' ? { ...gvk, kind: `${gvk.kind}List` } : result)?.name;
}

export function bodyMessage({ body }: Operation): string | undefined {
  if (body === undefined) return undefined;
  if (body === 'Patch') return PATCH;
  return body === 'DeleteOptions' ? DELETE_OPTIONS : schemaFor(body)?.name;
}

/** What a document about these operations must define. */
export function rootMessages(
  resources: readonly ServedResource[],
  operations: readonly Operation[],
): readonly string[] {
  const ofOperations = operations.flatMap((operation) => [resultMessage(operation), bodyMessage(operation)]);
  const ofKinds = resources.map((resource) => schemaFor(resource)?.name);
  return [...new Set([...ofKinds, ...ofOperations, STATUS, DELETE_OPTIONS, WATCH_EVENT])].filter(
    (name) => name !== undefined,
  );
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
