/** Starts the API server: the pipeline, what every cluster has, and the HTTPS listener in front. */
import type { RequestHandler } from '#api/request';
import type { Logger } from '#base/log';
import type { Authenticator } from './authn/authentication.ts';
import { clientCertificates } from './authn/client-certificate.ts';
import { builtInAuthorizer } from './authz/built-in.ts';
import { bootstrap } from './bootstrap.ts';
import { discoveryPaths } from './discovery/paths.ts';
import { type HealthCheck, healthPaths } from './http/health.ts';
import { serveResource } from './http/resource-route.ts';
import { createRouter } from './http/router.ts';
import { listen, type TlsMaterial } from './http/server.ts';
import { type ServerVersion, versionPath } from './http/version.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';
import { decodeBuiltIn } from './registry/decode.ts';
import { addressAt, parseAddressRange } from './registry/services/address-range.ts';

export type ApiServerOptions = PipelineOptions & {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: TlsMaterial;
  readonly log: Logger;
  readonly version?: ServerVersion;
  /** Where the server is reached from inside the cluster: the endpoints of the `kubernetes` service. */
  readonly advertisedAddresses: readonly string[];
  readonly authenticators?: readonly Authenticator[];
  readonly checks?: readonly HealthCheck[];
};

export interface ApiServer extends AsyncDisposable {
  /** The pipeline itself, for components in the same process. */
  readonly handle: RequestHandler;
  readonly address: { readonly host: string; readonly port: number };
  /** Puts a new certificate in place without closing what is open. */
  renewCertificate(tls: TlsMaterial): void;
}

const VERSION: ServerVersion = { major: '1', minor: '34', gitVersion: 'v1.34.0+tutti' };

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { world, log, authorize = builtInAuthorizer, checks = [], authenticators = [] } = options;
  const { handle, resources } = createPipeline(options);
  const stopping = new AbortController();
  // Not ready before the cluster has what every cluster has.
  let ready = false;
  const started: HealthCheck = {
    name: 'poststarthook/bootstrap',
    check() {
      if (!ready) throw new Error('bootstrap is not complete');
    },
  };
  const serve = createRouter({
    authenticators: [clientCertificates, ...authenticators],
    authorize,
    log,
    paths: [
      healthPaths({ live: [], ready: [...checks, started] }),
      versionPath(options.version ?? VERSION),
      discoveryPaths(resources, `${options.advertisedAddresses[0] ?? options.listen.host}:${options.listen.port}`),
    ],
    serveResource: (asked) => serveResource({ handle, resources, decode: decodeBuiltIn, world }, asked),
  });
  const listener = await listen({
    ...options.listen,
    tls: options.tls,
    log,
    serve,
    upgrade: async ({ socket }) => void socket.destroy(),
  });
  await bootstrap({
    handle,
    serviceIp: addressAt(parseAddressRange(options.serviceCidr), 1),
    endpoint: { addresses: options.advertisedAddresses, port: listener.address.port },
    signal: stopping.signal,
  });
  ready = true;
  return {
    handle,
    address: listener.address,
    renewCertificate: (tls) => listener.renew(tls),
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The server is shutting down', 'AbortError'));
      await listener[Symbol.asyncDispose]();
    },
  };
}
