/** Which form of the answer a client prefers, among those this server has. */
import { ApiError } from '#api/errors';

export type MediaType = {
  /** Lower case, without parameters: `application/json`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
};

/** What an object is turned into before it is written. */
export type Shape = 'object' | 'table' | 'metadata';

export type Negotiated = { readonly format: 'json' | 'yaml'; readonly shape: Shape; readonly version: string };

const PLAIN: Negotiated = { format: 'json', shape: 'object', version: 'v1' };
const FORMATS: Readonly<Record<string, Negotiated['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};
const SHAPES: Readonly<Record<string, Shape>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

/** The first of the client's wishes that can be met; throws `NotAcceptable` when none can. `shapeless` are shapes that the resource does not have. */
export function negotiate(accept: string | undefined, shapeless: readonly Shape[] = []): Negotiated {
  if (accept === undefined || accept === '' || accept === 'application/json') return PLAIN;
  for (const wish of parseAccept(accept)) {
    const found = meet(wish);
    if (found !== undefined && !shapeless.includes(found.shape)) return found;
  }
  throw notAcceptable();
}

export const notAcceptable = (): ApiError =>
  new ApiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/json;stream=watch',
  );

function meet({ type, parameters }: MediaType): Negotiated | undefined {
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format === undefined) return undefined;
  const { as, g, v } = parameters;
  if (as === undefined) return { ...PLAIN, format };
  const shape = Object.hasOwn(SHAPES, as) ? SHAPES[as] : undefined;
  if (shape === undefined || g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  return { format, shape, version: v };
}

/** The wishes of an Accept header, the most wanted first. */
export function parseAccept(accept: string): readonly MediaType[] {
  const wishes = accept.split(',').map(parseMediaType);
  const quality = ({ parameters }: MediaType): number => (parameters['q'] === undefined ? 1 : Number(parameters['q']));
  return wishes.filter((wish) => quality(wish) !== 0).toSorted((left, right) => quality(right) - quality(left));
}

export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters = rest.map((part) => {
    const equals = part.indexOf('=');
    return equals === -1 ? [part.trim(), ''] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
  });
  return { type: type.trim().toLowerCase(), parameters: Object.fromEntries(parameters) as Record<string, string> };
}
