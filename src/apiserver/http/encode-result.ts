/** Writes results of the pipeline in the form a client asked for. */
import { dump } from 'js-yaml';
import { ApiError } from '#api/errors';
import { parseJsonExactly } from '#api/meta/exact-json';
import type { ApiObject } from '#api/object';
import type { ListResult, WatchEvent, WatchEventType } from '#api/request';
import type { Column } from '#api/resource';
import { eventLine, joinLine } from './event-line.ts';
import { documentBytes, joinDocuments } from './json-document.ts';
import { CONTENT_TYPES, type Format, type Negotiated } from './media-type.ts';
import { protobufDocument, protobufFrame, protobufList } from './protobuf-document.ts';
import { type Body, partsOf } from './send-body.ts';
import { DEFAULT_COLUMNS, type IncludeObject, metadataOf, tableBytes, type TableView } from './table.ts';
import { YAML_ANSWER_SCHEMA } from './yaml-schema.ts';

/** How to write, for one request. */
export type View = Negotiated & {
  readonly pretty: boolean;
  readonly include: IncludeObject;
  readonly columns: readonly Column<ApiObject>[];
  readonly listKind: string;
  readonly apiVersion: string;
  /** What upstream calls the kind in Go, for messages. */
  readonly goPackage: string;
  readonly nowMs: number;
};

export type Encoded = { readonly contentType: string; readonly bytes: Body };

export function encodeObject(object: ApiObject, view: View): Encoded {
  if (object.kind === 'Status' || view.shape === 'object') return document(object, view);
  switch (view.shape) {
    case 'metadata':
      return document(metadataOf(object, view.version), view);
    case 'metadataList': {
      const isNoList = `the requested object is not a list (*${view.goPackage}.${object.kind})`;
      throw notConvertible('PartialObjectMetadataList', isNoList);
    }
    case 'table': {
      const { resourceVersion } = object.metadata;
      return finish(tableBytes([object], tableView(view), { list: { resourceVersion }, head: true }), view);
    }
  }
}

export function encodeList(list: ListResult, view: View): Encoded {
  const { items, ...metadata } = list;
  switch (view.shape) {
    case 'object':
      return listDocument({ apiVersion: view.apiVersion, kind: view.listKind }, list, view);
    case 'metadata': {
      const isList = `the requested object is a list (*${view.goPackage}.${view.listKind})`;
      throw notConvertible('PartialObjectMetadata', isList);
    }
    case 'metadataList': {
      const type = { apiVersion: `meta.k8s.io/${view.version}`, kind: 'PartialObjectMetadataList' };
      return listDocument(type, { ...list, items: items.map((item) => metadataOf(item, view.version)) }, view);
    }
    case 'table':
      return finish(tableBytes(items, tableView(view), { list: metadata, head: true }), view);
  }
}

const notConvertible = (wanted: string, why: string): ApiError =>
  new ApiError('NotAcceptable', `you requested ${wanted}, but ${why}`);

function document(object: ApiObject, view: Layout): Encoded {
  if (view.format === 'protobuf') return { contentType: CONTENT_TYPES.protobuf, bytes: protobufDocument(object) };
  return finish(documentBytes(object), view);
}

/** A `Status` that tells of a failure. */
export function encodeStatus(status: object, format: Format): Encoded {
  return document(status as ApiObject, { format, pretty: false });
}

type ListType = Pick<ApiObject, 'apiVersion' | 'kind'>;

function listDocument(type: ListType, list: ListResult, view: View): Encoded {
  if (view.format === 'protobuf') return { contentType: CONTENT_TYPES.protobuf, bytes: protobufList(type, list) };
  const { items, ...metadata } = list;
  const { kind, apiVersion } = type;
  const opening = JSON.stringify({ kind, apiVersion, metadata }).slice(0, -1);
  return finish(joinDocuments(`${opening},"items":[`, items.map(documentBytes), ']}'), view);
}

function tableView({ columns, include, version, nowMs }: View): TableView {
  return { columns: columns.length === 0 ? DEFAULT_COLUMNS : columns, include, version, nowMs };
}

type Layout = Pick<View, 'format' | 'pretty'>;

function finish(bytes: Body, { format, pretty }: Layout): Encoded {
  if (format === 'yaml') {
    const yaml = dump(parseJsonExactly(textOf(bytes)), { noRefs: true, schema: YAML_ANSWER_SCHEMA });
    return { contentType: CONTENT_TYPES.yaml, bytes: Buffer.from(yaml) };
  }
  const contentType = CONTENT_TYPES.json;
  if (!pretty) return { contentType, bytes };
  const text = JSON.stringify(parseJsonExactly(textOf(bytes)), undefined, 2);
  return { contentType, bytes: Buffer.from(`${text}\n`) };
}

const textOf = (bytes: Body): string => Buffer.concat(partsOf(bytes)).toString();

/** What a watch's answer says it is. */
export function streamType({ format }: Negotiated): string {
  return format === 'json' ? CONTENT_TYPES.json : `${CONTENT_TYPES[format]};stream=watch`;
}

/** Encodes batches of one watch's events. Copies the bytes of objects that were encoded before. */
export function eventEncoder(view: View): (events: readonly WatchEvent[]) => Buffer {
  if (view.format === 'protobuf') return protobufEvents(view);
  return view.shape === 'table' ? tableEvents(view) : jsonEvents(view);
}

function protobufEvents(view: View): (events: readonly WatchEvent[]) => Buffer {
  return (events) =>
    Buffer.concat(events.map(({ type, object }) => protobufFrame(type, protobufDocument(shaped(type, object, view)))));
}

function shaped(type: WatchEventType, object: ApiObject, view: View): ApiObject {
  return type === 'ERROR' || view.shape === 'object' ? object : metadataOf(object, view.version);
}

/** One document a line. */
function jsonEvents(view: View): (events: readonly WatchEvent[]) => Buffer {
  const lineOf = ({ type, object }: WatchEvent): Buffer => eventLine(type, shaped(type, object, view));
  return (events) => {
    const [first] = events;
    return first !== undefined && events.length === 1 ? lineOf(first) : Buffer.concat(events.map(lineOf));
  };
}

/** Tables of one row each; only the first describes the columns. */
function tableEvents(view: View): (events: readonly WatchEvent[]) => Buffer {
  let head = true;
  const lineOf = ({ type, object }: WatchEvent): Buffer => {
    if (type === 'ERROR') return eventLine(type, object);
    const list = { resourceVersion: object.metadata.resourceVersion };
    const table = tableBytes(type === 'BOOKMARK' ? [] : [object], tableView(view), { list, head });
    head = false;
    return joinLine(type, table);
  };
  return (events) => Buffer.concat(events.map(lineOf));
}
