/** The paths of an agent's server, as upstream's agents have them. */

export type Route =
  | { readonly type: 'Health' }
  | { readonly type: 'Pods' }
  | { readonly type: 'Usage' }
  | { readonly type: 'Logs'; readonly namespace: string; readonly pod: string; readonly container: string }
  | ({ readonly type: 'Exec' | 'Attach' } & Target)
  | ({ readonly type: 'PortForward' } & Omit<Target, 'container'>);

export type Target = {
  readonly namespace: string;
  readonly pod: string;
  /** Absent: whichever pod has the name. */
  readonly uid?: string;
  readonly container: string;
};

const FIXED: Readonly<Record<string, Route>> = {
  healthz: { type: 'Health' },
  pods: { type: 'Pods' },
  'metrics/usage': { type: 'Usage' },
};

type PodName = { readonly namespace: string; readonly pod: string };

const OF_POD: Readonly<Record<string, (name: PodName, rest: readonly string[]) => Route | undefined>> = {
  containerLogs: logs,
  exec: (name, rest) => command('Exec', name, rest),
  attach: (name, rest) => command('Attach', name, rest),
  portForward,
};

/** Undefined for a path that nothing is served under. */
export function routeOf(path: string): Route | undefined {
  const parts = path.replace(/^\//, '').split('/').map(decodeURIComponent);
  const fixed = FIXED[parts.join('/')];
  if (fixed !== undefined) return fixed;
  const [first = '', namespace, pod, ...rest] = parts;
  return namespace && pod ? OF_POD[first]?.({ namespace, pod }, rest) : undefined;
}

function logs(name: PodName, rest: readonly string[]): Route | undefined {
  const [container] = rest;
  return rest.length === 1 && container ? { type: 'Logs', ...name, container } : undefined;
}

function command(type: 'Exec' | 'Attach', name: PodName, rest: readonly string[]): Route | undefined {
  const [first, second] = rest;
  if (rest.length === 1 && first) return { type, ...name, container: first };
  return rest.length === 2 && first && second ? { type, ...name, uid: first, container: second } : undefined;
}

function portForward(name: PodName, rest: readonly string[]): Route | undefined {
  const [uid] = rest;
  if (rest.length === 0) return { type: 'PortForward', ...name };
  return rest.length === 1 && uid ? { type: 'PortForward', ...name, uid } : undefined;
}
