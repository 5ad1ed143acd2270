/** Writes results of the pipeline in the form a client asked for. */
import { dump } from 'js-yaml';
import type { ApiObject } from '#api/object';
import type { ListResult, WatchEvent, WatchEventType } from '#api/request';
import type { Column } from '#api/resource';
import { documentBytes, joinDocuments } from './json-document.ts';
import type { Negotiated } from './media-type.ts';
import { DEFAULT_COLUMNS, type IncludeObject, metadataBytes, tableBytes, type TableView } from './table.ts';

/** How to write, for one request. */
export type View = Negotiated & {
  readonly pretty: boolean;
  readonly include: IncludeObject;
  readonly columns: readonly Column<ApiObject>[];
  readonly listKind: string;
  readonly apiVersion: string;
  readonly nowMs: number;
};

export type Encoded = { readonly contentType: string; readonly bytes: Buffer };

export function encodeObject(object: ApiObject, view: View): Encoded {
  if (object.kind === 'Status' || view.shape === 'object') return finish(documentBytes(object), view);
  if (view.shape === 'metadata') return finish(metadataBytes(object, view.version), view);
  const { resourceVersion } = object.metadata;
  return finish(tableBytes([object], tableView(view), { list: { resourceVersion }, head: true }), view);
}

export function encodeList(list: ListResult, view: View): Encoded {
  const { items, ...metadata } = list;
  if (view.shape === 'table') return finish(tableBytes(items, tableView(view), { list: metadata, head: true }), view);
  const partial = view.shape === 'metadata';
  const type = partial
    ? { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${view.version}` }
    : { kind: view.listKind, apiVersion: view.apiVersion };
  const opening = JSON.stringify({ ...type, metadata }).slice(0, -1);
  const documents = items.map((item) => (partial ? metadataBytes(item, view.version) : documentBytes(item)));
  return finish(joinDocuments(`${opening},"items":[`, documents, ']}'), view);
}

function tableView({ columns, include, version, nowMs }: View): TableView {
  return { columns: columns.length === 0 ? DEFAULT_COLUMNS : columns, include, version, nowMs };
}

function finish(bytes: Buffer, { format, pretty }: View): Encoded {
  if (format === 'yaml') {
    const yaml = dump(JSON.parse(bytes.toString()), { noRefs: true });
    return { contentType: 'application/yaml', bytes: Buffer.from(yaml) };
  }
  const contentType = 'application/json';
  if (!pretty) return { contentType, bytes };
  return { contentType, bytes: Buffer.from(`${JSON.stringify(JSON.parse(bytes.toString()), undefined, 2)}\n`) };
}

/** Encodes batches of one watch's events, one document a line. Copies the bytes of objects that were encoded before. */
export function eventEncoder(view: View): (events: readonly WatchEvent[]) => Buffer {
  let head = true;
  const documentOf = ({ type, object }: WatchEvent): Buffer => {
    if (type === 'ERROR' || view.shape === 'object') return documentBytes(object);
    if (view.shape === 'metadata') return metadataBytes(object, view.version);
    const list = { resourceVersion: object.metadata.resourceVersion };
    const table = tableBytes(type === 'BOOKMARK' ? [] : [object], tableView(view), { list, head });
    head = false;
    return table;
  };
  return (events) => Buffer.concat(events.flatMap((event) => [EVENT_START[event.type], documentOf(event), EVENT_END]));
}

const eventStart = (type: WatchEventType): Buffer => Buffer.from(`{"type":"${type}","object":`);
const EVENT_START: Readonly<Record<WatchEventType, Buffer>> = {
  ADDED: eventStart('ADDED'),
  MODIFIED: eventStart('MODIFIED'),
  DELETED: eventStart('DELETED'),
  BOOKMARK: eventStart('BOOKMARK'),
  ERROR: eventStart('ERROR'),
};
const EVENT_END = Buffer.from('}\n');
