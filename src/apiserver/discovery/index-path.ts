/** Serves `/`: the paths at which there is something to read. */
import { sendJson } from '../http/respond.ts';
import type { PathHandler } from '../http/router.ts';
import type { OfferedGroup } from './groups.ts';

const ALWAYS = ['/api', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'];

/** `more`: paths that not every server has. */
export function indexPath(current: () => readonly OfferedGroup[], more: readonly string[]): PathHandler {
  return async (exchange) => {
    if (exchange.method !== 'GET' || exchange.path !== '/') return false;
    const paths = [...ALWAYS, ...more, ...current().flatMap(pathsOf)];
    sendJson(exchange, 200, { paths: paths.toSorted() });
    return true;
  };
}

function pathsOf({ group, versions }: OfferedGroup): readonly string[] {
  if (group === '') return versions.map(({ version }) => `/api/${version}`);
  return [`/apis/${group}`, ...versions.map(({ version }) => `/apis/${group}/${version}`)];
}
