/** Reads a URL path: one of the few shapes that address objects, or anything else. */
import { badRequestError } from '#api/errors';

export type ResourcePath = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource: the path that a proxied request goes on to. */
  readonly rest?: string;
  /** The older way to ask for events: the path says so, not the query. */
  readonly watch?: true;
};

/** A path that addresses objects, or undefined: discovery, health and all that is not for objects. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path.split('/');
  if (segments[1] === 'api') return inGroup('', segments.slice(2));
  if (segments[1] === 'apis' && segments.length > 2) return inGroup(decode(segments[2] ?? ''), segments.slice(3));
  return undefined;
}

function inGroup(group: string, segments: readonly string[]): ResourcePath | undefined {
  const [version = ''] = segments;
  const parts = segments.slice(1, segments.at(-1) === '' ? -1 : undefined);
  if (version === '' || parts.length === 0) return undefined;
  const at = { group, version: decode(version) };
  if (parts[0] === 'watch' && parts.length > 1) return { ...inVersion(at, parts.slice(1)), watch: true };
  return inVersion(at, parts);
}

function inVersion(at: Pick<ResourcePath, 'group' | 'version'>, parts: readonly string[]): ResourcePath {
  if (parts[0] !== 'namespaces' || isNamespaceItself(parts)) return { ...at, ...inScope(parts) };
  return { ...at, namespace: decode(parts[1] ?? ''), ...inScope(parts.slice(2)) };
}

// A namespace is an object too, and these are its own subresources, not kinds inside it.
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

function isNamespaceItself(parts: readonly string[]): boolean {
  return parts.length <= 2 || (parts.length === 3 && NAMESPACE_SUBRESOURCES.has(parts[2] ?? ''));
}

type Scoped = Pick<ResourcePath, 'plural' | 'name' | 'subresource' | 'rest'>;

function inScope([plural = '', name, subresource, ...rest]: readonly string[]): Scoped {
  return {
    plural: decode(plural),
    ...(name === undefined ? {} : { name: decode(name) }),
    ...(subresource === undefined ? {} : { subresource: decode(subresource) }),
    ...(rest.length === 0 ? {} : { rest: rest.join('/') }),
  };
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  const decoded = unescape(segment);
  // A name never has a slash; one that is hidden in an escape would address something else than it was allowed for.
  if (decoded.includes('/')) throw badRequestError(`invalid URL escape in ${JSON.stringify(segment)}`);
  return decoded;
}

function unescape(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequestError(`invalid URL escape in ${JSON.stringify(segment)}`);
  }
}
