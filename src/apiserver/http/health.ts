/** Health endpoints: alive, ready, and which check says otherwise. */
import type { Exchange } from './exchange.ts';
import type { PathHandler } from './router.ts';
import { isTrue } from './query-options.ts';
import { sendText } from './respond.ts';

/** Throws when what it checks is not well. */
export type HealthCheck = { readonly name: string; readonly check: () => void | Promise<void> };

export type HealthChecks = { readonly live: readonly HealthCheck[]; readonly ready: readonly HealthCheck[] };

const PING: HealthCheck = { name: 'ping', check: () => undefined };

export function healthPaths({ live, ready }: HealthChecks): PathHandler {
  const endpoints: Readonly<Record<string, readonly HealthCheck[]>> = {
    healthz: [PING, ...live, ...ready],
    livez: [PING, ...live],
    readyz: [PING, ...live, ...ready],
  };
  return async (exchange) => {
    const [, endpoint = '', only, ...more] = exchange.path.split('/');
    if (!Object.hasOwn(endpoints, endpoint) || more.length > 0) return false;
    const checks = (endpoints[endpoint] ?? []).filter(({ name }) => only === undefined || only === '' || name === only);
    if (checks.length === 0) return false;
    await report(exchange, endpoint, checks);
    return true;
  };
}

async function report(exchange: Exchange, endpoint: string, checks: readonly HealthCheck[]): Promise<void> {
  const excluded = new Set(exchange.query.getAll('exclude'));
  const asked = checks.filter(({ name }) => !excluded.has(name));
  const results = await Promise.all(asked.map(async (check) => ({ name: check.name, well: await isWell(check) })));
  const failed = results.some(({ well }) => !well);
  // Why a check fails is for the log; whoever may ask here need not be anybody.
  const lines = results.map(({ name, well }) => (well ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
  if (failed) sendText(exchange, 500, `${lines.join('\n')}\n${endpoint} check failed\n`);
  else if (!exchange.query.has('verbose') || !isTrue(exchange.query.get('verbose'))) sendText(exchange, 200, 'ok');
  else sendText(exchange, 200, `${lines.join('\n')}\n${endpoint} check passed\n`);
}

async function isWell({ check }: HealthCheck): Promise<boolean> {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
}
