/** `pods/proxy`, `services/proxy` and `nodes/proxy`, ready to be put into the HTTP server. */
import type { World } from '#base/world';
import type { Store } from '#store/store';
import type { ResourcePath } from '../http/request-path.ts';
import type { ResourceHandler } from '../http/router.ts';
import type { UpgradeRequest } from '../http/server.ts';
import type { BackendClient } from './backend-client.ts';
import { locateBackend } from './locate-backend.ts';
import { splitProxiedPath } from './proxied-path.ts';
import { proxyRequest } from './proxy-request.ts';
import { proxyUpgrade } from './proxy-upgrade.ts';

export type ProxyRoutes = {
  readonly streams: ReadonlyMap<string, ResourceHandler>;
  readonly accept: (request: UpgradeRequest, path: ResourcePath) => Promise<boolean>;
};

type Needed = { readonly store: Store; readonly world: World; readonly backends: BackendClient };

export function proxyRoutes({ store, world, backends }: Needed): ProxyRoutes {
  const locate = (path: ResourcePath) => locateBackend({ store, world }, path);
  const proxy: ResourceHandler = async ({ exchange, path }) => {
    const backend = locate(path);
    if (backend === undefined) throw new Error(`Cannot proxy ${exchange.path}: no such route`);
    await proxyRequest(backends, { exchange, backend: backend(), path: splitProxiedPath(exchange.path, path) });
  };
  return {
    streams: new Map(['/pods/proxy', '/services/proxy', '/nodes/proxy'].map((key) => [key, proxy])),
    async accept(request, path) {
      const backend = locate(path);
      if (backend === undefined) return false;
      await proxyUpgrade(backends, { request, backend: backend(), path: splitProxiedPath(request.path, path) });
      return true;
    },
  };
}
