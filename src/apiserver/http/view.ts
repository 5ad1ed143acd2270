/** How the answer to one request is to be written: the form that the client prefers, and what the kind looks like in it. */
import { badRequestError } from '#api/errors';
import { invalid } from '#api/meta/field-error';
import type { Verb } from '#api/request';
import { unknownResource } from '../registry/registry.ts';
import { type Resource, servedType, type StoredResource } from '../registry/resources.ts';
import type { View } from './encode-result.ts';
import { goPackageOf } from './go-package.ts';
import { type Lacking, negotiate, negotiateStream } from './media-type.ts';
import { hasProtobuf } from './protobuf-document.ts';
import { isTrue } from './query-options.ts';
import type { ResourcePath } from './request-path.ts';
import type { ResourceRequest } from './router.ts';
import type { IncludeObject } from './table.ts';

type Wanted = { readonly verb: Verb; readonly resource: Resource | undefined; readonly nowMs: number };

/** Throws `NotAcceptable` when there is no form that the client can read. */
export function viewOf({ exchange, path }: ResourceRequest, { verb, resource, nowMs }: Wanted): View {
  if (resource === undefined) throw unknownResource();
  const { headers, query } = exchange;
  const wanted = verb === 'watch' ? negotiateStream : negotiate;
  const negotiated = wanted(headers.accept, lackingOf(resource, path));
  return {
    ...negotiated,
    ...shownAs(resource, path),
    pretty: isPretty(query.get('pretty'), headers['user-agent']),
    include: negotiated.shape === 'table' ? includeOf(query.get('includeObject')) : 'Metadata',
    nowMs,
  };
}

/** A custom object's scale is of a built-in kind; nothing else of it has a protobuf form. */
function lackingOf(resource: Resource, { subresource }: ResourcePath): Lacking {
  if ('virtual' in resource) {
    return {
      ...(hasProtobuf(resource.virtual) ? {} : { protobuf: true }),
      ...(resource.virtual.verbs.includes('get') ? {} : { table: true }),
    };
  }
  return resource.stored.custom !== undefined && subresource !== 'scale' ? { protobuf: true } : {};
}

type Names = Pick<View, 'columns' | 'listKind' | 'apiVersion' | 'goPackage'>;

function shownAs(resource: Resource, path: ResourcePath): Names {
  if ('stored' in resource) {
    const { listKind, group } = resource.stored.definition;
    const goPackage = resource.stored.custom === undefined ? goPackageOf(group) : 'unstructured';
    const columns = columnsOf(resource.stored, path);
    return { columns, listKind, apiVersion: servedType(resource.stored).apiVersion, goPackage };
  }
  const { group, version, kind, columns = [] } = resource.virtual;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { columns, listKind: `${kind}List`, apiVersion, goPackage: goPackageOf(group) };
}

/** Columns are written for the stored version; an object in another one is turned back for its cells. */
function columnsOf(
  { definition, served, subresources }: StoredResource,
  { subresource }: ResourcePath,
): View['columns'] {
  const part = subresources.find(({ name }) => name === subresource);
  if (part !== undefined && part.type.kind !== definition.kind) return part.columns ?? [];
  if (served === undefined) return definition.columns;
  return definition.columns.map((column) => ({
    ...column,
    cell: (object, nowMs) => column.cell(served.toStored(object), nowMs),
  }));
}

/** People who look with a browser or curl get line breaks without asking, as upstream has it. */
function isPretty(asked: string | null, userAgent: string | undefined): boolean {
  if (asked !== null) return isTrue(asked);
  return userAgent !== undefined && /^(curl|Wget|Mozilla)/.test(userAgent);
}

function includeOf(value: string | null): IncludeObject {
  if (value === null || value === '') return 'Metadata';
  if (value === 'None' || value === 'Object' || value === 'Metadata') return value;
  const { field, message } = invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequestError(`Unable to convert to Table as requested: ${field}: ${message}`);
}
