/** Which form of the answer a client prefers, among those this server has. */
import { ApiError } from '#api/errors';

export type MediaType = {
  /** Lower case, without parameters: `application/json`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
};

export type Format = 'json' | 'yaml' | 'protobuf';

/** What an object is turned into before it is written. */
export type Shape = 'object' | 'table' | 'metadata' | 'metadataList';

export type Negotiated = {
  readonly format: Format;
  readonly shape: Shape;
  /** Of the meta.k8s.io group, for shapes other than the object. */
  readonly version: string;
};

/** What a resource has no form for. */
export type Lacking = {
  /** Objects of kinds that users defined are never protobuf; their metadata is. */
  readonly protobuf?: true;
  /** What answers a question and is never stored is no row of a table. */
  readonly table?: true;
};

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};
const STREAM_TYPES = [CONTENT_TYPES.json, CONTENT_TYPES.protobuf].map((type) => `${type};stream=watch`);

const PLAIN: Negotiated = { format: 'json', shape: 'object', version: 'v1' };
const ANY_FORMAT: readonly Format[] = ['json', 'yaml', 'protobuf'];
const FORMATS: ReadonlyMap<string, readonly Format[]> = new Map([
  ...ANY_FORMAT.map((format): [string, readonly Format[]] => [CONTENT_TYPES[format], [format]]),
  ['application/*', ANY_FORMAT],
  ['*/*', ANY_FORMAT],
]);
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ['Table', 'table'],
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadataList'],
]);

/** The first of the client's wishes that can be met; throws `NotAcceptable` when none can. */
export function negotiate(accept: string | undefined, lacking: Lacking = {}): Negotiated {
  if (accept === undefined || accept === '' || accept === CONTENT_TYPES.json) return PLAIN;
  return firstMet(accept, lacking) ?? refuse(Object.values(CONTENT_TYPES));
}

/** The same for a stream of events, which is never YAML. */
export function negotiateStream(accept: string | undefined, lacking: Lacking = {}): Negotiated {
  const found = accept === undefined || accept === '' ? PLAIN : firstMet(accept, lacking);
  return found === undefined || found.format === 'yaml' ? refuse(STREAM_TYPES) : found;
}

/** What a media type stands for; the first of several. */
export const formatOf = (type: string): Format | undefined => FORMATS.get(type)?.[0];

/** The form of a `Status`; a client that can read none of them gets JSON. */
export function statusFormat(accept: string | undefined): Format {
  if (accept === undefined || accept === '' || accept === CONTENT_TYPES.json) return 'json';
  const wishes = parseAccept(accept).filter(({ parameters }) => parameters['as'] === undefined);
  return wishes.map((wish) => meet(wish, {})).find((met) => met !== undefined)?.format ?? 'json';
}

function refuse(accepted: readonly string[]): never {
  throw notAcceptable(accepted);
}

export const notAcceptable = (accepted: readonly string[]): ApiError =>
  new ApiError('NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

function firstMet(accept: string, lacking: Lacking): Negotiated | undefined {
  for (const wish of parseAccept(accept)) {
    const met = meet(wish, lacking);
    if (met !== undefined) return met;
  }
  return undefined;
}

function meet({ type, parameters }: MediaType, lacking: Lacking): Negotiated | undefined {
  const shape = shapeOf(parameters);
  const { stream = '', v } = parameters;
  if (shape === undefined || (stream !== '' && stream !== 'watch')) return undefined;
  const format = FORMATS.get(type)?.find((each) => has(each, shape, lacking) && !(stream !== '' && each === 'yaml'));
  if (format === undefined) return undefined;
  return { format, shape, version: shape === 'object' ? PLAIN.version : (v ?? PLAIN.version) };
}

function has(format: Format, shape: Shape, { protobuf, table }: Lacking): boolean {
  if (shape === 'table') return format !== 'protobuf' && table !== true;
  return format !== 'protobuf' || shape !== 'object' || protobuf !== true;
}

/** Undefined for a shape nobody knows. */
function shapeOf({ as, g, v }: MediaType['parameters']): Shape | undefined {
  if (as === undefined && g === undefined && v === undefined) return 'object';
  return g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1') ? SHAPES.get(as ?? '') : undefined;
}

/** The wishes of an Accept header, the most wanted first; of those equally wanted, the ones that say exactly what they mean. */
export function parseAccept(accept: string): readonly MediaType[] {
  const wishes = accept.split(',').map(parseMediaType);
  return wishes
    .filter((wish) => qualityOf(wish) > 0)
    .toSorted((left, right) => qualityOf(right) - qualityOf(left) || vagueness(left) - vagueness(right));
}

/** A quality that is no number counts as none given. */
function qualityOf({ parameters }: MediaType): number {
  const { q = '' } = parameters;
  return /^[01](\.\d*)?$/.test(q) ? Number(q) : 1;
}

function vagueness({ type }: MediaType): number {
  if (type === '*/*') return 2;
  return type.endsWith('/*') ? 1 : 0;
}

export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters = rest.map((part) => {
    const equals = part.indexOf('=');
    return equals === -1 ? [part.trim(), ''] : [part.slice(0, equals).trim(), unquoted(part.slice(equals + 1).trim())];
  });
  return { type: type.trim().toLowerCase(), parameters: Object.fromEntries(parameters) as Record<string, string> };
}

const unquoted = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;
