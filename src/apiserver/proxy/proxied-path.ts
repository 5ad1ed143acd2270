/** The two halves of a proxied path: what leads to the backend, and what the backend is asked. Pure. */
import { posix } from 'node:path';
import type { ResourcePath } from '../http/request-path.ts';

export type ProxiedPath = {
  /** What the backend's own paths have before them when they are reached through us. */
  readonly prefix: string;
  /** As the backend is asked; empty when even the slash is missing. */
  readonly rest: string;
};

/** `path` as it was sent, `at` as it was understood. */
export function splitProxiedPath(path: string, at: ResourcePath): ProxiedPath {
  // `/api/v1/nodes/NAME/proxy`, or with a namespace `/api/v1/namespaces/NAMESPACE/pods/NAME/proxy`.
  const segments = at.namespace === undefined ? 5 : 7;
  const parts = path.split('/');
  const rest = parts.slice(segments + 1);
  return {
    prefix: parts.slice(0, segments + 1).join('/'),
    rest: parts.length <= segments + 1 ? '' : `/${rest.join('/')}`,
  };
}

/** A path below `prefix`, tidied as upstream does it: a slash at its end stays. */
export function joined(prefix: string, path: string): string {
  const clean = posix.join(prefix, path);
  return path.endsWith('/') && !clean.endsWith('/') ? `${clean}/` : clean;
}
