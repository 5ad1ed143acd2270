/** Server-side Tables: rows of cells that kubectl prints without knowing the kind. */
import type { ApiObject } from '#api/object';
import { ageOf } from '#api/meta/human-duration';
import type { Column } from '#api/resource';
import { documentBytes, joinDocuments } from './json-document.ts';

/** How much of each object a row carries besides its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export type TableView = {
  readonly columns: readonly Column<ApiObject>[];
  readonly include: IncludeObject;
  /** Version of the meta.k8s.io group that the client asked for. */
  readonly version: string;
  readonly nowMs: number;
};

type ListFields = {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
};

/** What kinds that declare no columns show. */
export const DEFAULT_COLUMNS: readonly Column<ApiObject>[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    priority: 0,
    description: 'The name, unique within a namespace',
    cell: ({ metadata }) => metadata.name,
  },
  {
    name: 'Age',
    type: 'string',
    priority: 0,
    description: 'The time since creation',
    cell: ({ metadata }, nowMs) => ageOf(metadata.creationTimestamp, nowMs),
  },
];

/** `head` is whether the column definitions are wanted: a watch sends them with its first event only. */
export function tableBytes(
  objects: readonly ApiObject[],
  view: TableView,
  { list, head }: { readonly list: ListFields; readonly head: boolean },
): readonly Buffer[] {
  const start = {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${view.version}`,
    metadata: list,
    columnDefinitions: head ? view.columns.map(definitionOf) : null,
  };
  const opening = JSON.stringify(start).slice(0, -1);
  return joinDocuments(
    `${opening},"rows":[`,
    objects.map((object) => rowBytes(object, view)),
    ']}',
  );
}

function definitionOf({ name, type, format, description, priority }: Column<ApiObject>): object {
  return { name, type, format: format ?? '', description, priority };
}

function rowBytes(object: ApiObject, view: TableView): Buffer {
  const cells = JSON.stringify(view.columns.map(({ cell }) => cell(object, view.nowMs)));
  if (view.include === 'None') return Buffer.from(`{"cells":${cells}}`);
  const shown = documentBytes(view.include === 'Object' ? object : metadataOf(object, view.version));
  return Buffer.concat([Buffer.from(`{"cells":${cells},"object":`), shown, CLOSE]);
}

const CLOSE = Buffer.from('}');

/** An object reduced to its metadata; `version` is of the meta.k8s.io group. */
export function metadataOf({ metadata }: ApiObject, version: string): ApiObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}
