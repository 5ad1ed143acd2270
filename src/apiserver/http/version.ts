/** `/version`: which Kubernetes this server speaks, in the fields clients look at. */
import type { PathHandler } from './router.ts';
import { sendJson } from './respond.ts';

export type ServerVersion = {
  /** The version of the API, such as `1.34`. */
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit?: string;
  readonly buildDate?: string;
};

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

export function versionPath(version: ServerVersion): PathHandler {
  const answer = {
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    ...version,
    goVersion: `node ${process.version}`,
    compiler: 'node',
    platform: `${process.platform}/${GO_ARCHITECTURES[process.arch] ?? process.arch}`,
  };
  return async (exchange) => {
    if (exchange.path !== '/version' && exchange.path !== '/version/') return false;
    sendJson(exchange, 200, answer);
    return true;
  };
}
