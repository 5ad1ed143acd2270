/** Starts the API server: the pipeline, what every cluster has, and the HTTPS listener in front. */
import type { RequestHandler } from '#api/request';
import type { Logger } from '#base/log';
import type { Authenticator } from './authn/authentication.ts';
import { clientCertificates } from './authn/client-certificate.ts';
import { serviceAccountTokens } from './authn/tokens/bearer-tokens.ts';
import { bootstrapTokens } from './authn/tokens/bootstrap-tokens.ts';
import { TOKEN_PATHS, tokenDiscovery } from './authn/tokens/discovery.ts';
import { reconcilePolicies } from './authz/bootstrap/reconcile.ts';
import { bootstrap, ensureNamespaces, ensurePriorityClasses } from './bootstrap.ts';
import { componentStatuses } from './component-statuses.ts';
import { currentGroups } from './discovery/groups.ts';
import { indexPath } from './discovery/index-path.ts';
import { discoveryPaths } from './discovery/paths.ts';
import { runEventExpiry } from './expire-events.ts';
import { runDefinitions } from './extensions/run-definitions.ts';
import { type BodyReader, bodyReader } from './http/body-reader.ts';
import { type HealthCheck, healthPaths } from './http/health.ts';
import { serveResource } from './http/resource-route.ts';
import { createRouter } from './http/router.ts';
import { listen, type Listener, type TlsMaterial } from './http/server.ts';
import { createUpgrader } from './http/upgrade-route.ts';
import { type ServerVersion, versionPath } from './http/version.ts';
import { type AgentClient, agentClient, type AgentTls } from './nodes/agent-request.ts';
import { metricsResources } from './nodes/metrics-api.ts';
import type { MetricsSource } from './nodes/metrics-source.ts';
import { nodeRoutes, type NodeRoutes } from './nodes/node-routes.ts';
import { scrapedMetrics } from './nodes/scraped-metrics.ts';
import { openApiPaths } from './openapi/paths.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './pipeline.ts';
import { type BackendClient, backendClient } from './proxy/backend-client.ts';
import { proxyRoutes } from './proxy/proxy-routes.ts';
import { offerDefaultStorageClass } from './default-storage-class.ts';
import { repairAddresses } from './registry/services/address-records.ts';
import { storeHealth } from './store-health.ts';
import { ensureServiceRange } from './service-range.ts';
import { addressAt, API_POSITION, DNS_POSITION, parseAddressRange } from './registry/services/address-range.ts';

export type ApiServerOptions = Omit<PipelineOptions, 'tokenAuthenticators'> & {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: TlsMaterial;
  /** How to reach the agents of nodes; asked for every connection, so that it may be renewed. */
  readonly agentTls: () => AgentTls;
  readonly log: Logger;
  /** Where the server is reached from inside the cluster: the endpoints of the `kubernetes` service. */
  readonly advertisedAddresses: readonly string[];
  readonly version?: ServerVersion;
  /** Ways to believe a token beside those of service accounts and bootstrap tokens. */
  readonly authenticators?: readonly Authenticator[];
  readonly checks?: readonly HealthCheck[];
  /** Parts of the control plane that are listed with their health. */
  readonly components?: readonly HealthCheck[];
  /** Asks the agents unless said otherwise. */
  readonly metrics?: MetricsSource;
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
  await using starting = new AsyncDisposableStack();
  const stopping = new AbortController();
  const agents = starting.use(agentClient(options.agentTls));
  const { store, world, log } = options;
  const backends = starting.use(backendClient(options.agentTls, world));
  const source = options.metrics ?? scrapedMetrics({ store, agents, world, log });
  const virtual = [
    ...(options.virtual ?? []),
    ...metricsResources({ store, source }),
    componentStatuses({ store, components: options.components ?? [] }),
  ];
  const tokenAuthenticators = [bootstrapTokens({ store, world }), ...(options.authenticators ?? [])];
  const pipeline = createPipeline({ ...options, virtual, tokenAuthenticators });
  const started = new Milestone('poststarthook/bootstrap');
  // Before anybody can ask: without roles nobody but an administrator may know even whether the server is well.
  const within = { handle: pipeline.handle, signal: stopping.signal };
  await ensureNamespaces(within);
  await ensurePriorityClasses(within);
  await reconcilePolicies(within);
  const bodies = bodyReader(world.clock, stopping.signal);
  const listener = starting.use(await openListener(options, { pipeline, agents, backends, bodies, started }));
  const serviceRange = parseAddressRange(options.serviceCidr);
  await bootstrap({
    ...within,
    serviceIp: addressAt(serviceRange, API_POSITION),
    dnsIp: addressAt(serviceRange, DNS_POSITION),
    endpoint: { addresses: options.advertisedAddresses, port: listener.address.port },
  });
  await repairAddresses(store, world);
  await ensureServiceRange({ ...within, cidr: options.serviceCidr });
  await offerDefaultStorageClass(within);
  started.reach();
  const upkeep = { store, world, log, signal: stopping.signal };
  const keeping = Promise.all([
    runEventExpiry(upkeep),
    runDefinitions({ ...upkeep, handle: pipeline.handle, onChange: () => pipeline.resources.refresh() }),
  ]);
  const running = starting.move();
  return {
    handle: pipeline.handle,
    address: listener.address,
    renewCertificate: (tls) => listener.renew(tls),
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The server is shutting down', 'AbortError'));
      await keeping;
      await running.disposeAsync();
    },
  };
}

/** The server is not ready before it has come this far. */
class Milestone implements HealthCheck {
  readonly name: string;
  #reached = false;

  constructor(name: string) {
    this.name = name;
  }

  reach(): void {
    this.#reached = true;
  }

  readonly check = (): void => {
    if (!this.#reached) throw new Error(`${this.name} is not complete`);
  };
}

function authenticatorsOf({ store, world, tokens, authenticators = [] }: ApiServerOptions): readonly Authenticator[] {
  const ofAccounts = tokens === undefined ? [] : [serviceAccountTokens(tokens)];
  return [clientCertificates, ...ofAccounts, bootstrapTokens({ store, world }), ...authenticators];
}

type Parts = {
  readonly pipeline: Pipeline;
  readonly agents: AgentClient;
  readonly backends: BackendClient;
  readonly bodies: BodyReader;
  readonly started: HealthCheck;
};

function openListener(options: ApiServerOptions, parts: Parts): Promise<Listener> {
  const { pipeline, agents, backends, bodies, started } = parts;
  const { store, world, log, tls, agentTls, version = VERSION } = options;
  const { handle, resources, authorize } = pipeline;
  const groups = currentGroups(resources);
  const nodes = nodeRoutes({ store, agents, tls: agentTls });
  const proxies = proxyRoutes({ store, world, backends });
  const security = { authenticators: authenticatorsOf(options), authorize, log };
  const [host = options.listen.host] = options.advertisedAddresses;
  const advertised = `${host}:${options.listen.port}`;
  const serve = createRouter({
    ...security,
    paths: [
      healthPaths({ live: [storeHealth(store)], ready: [...(options.checks ?? []), started] }),
      versionPath(version),
      discoveryPaths(groups, advertised),
      indexPath(groups, options.tokens === undefined ? [] : TOKEN_PATHS),
      openApiPaths(groups, version.gitVersion),
      ...(options.tokens === undefined ? [] : [tokenDiscovery(options.tokens, advertised)]),
    ],
    serveResource: (asked) => serveResource({ handle, resources, bodies, world }, asked),
    streams: new Map([...nodes.streams, ...proxies.streams]),
  });
  const accept: NodeRoutes['accept'] = async (request, path) =>
    (await nodes.accept(request, path)) || (await proxies.accept(request, path));
  return listen({ ...options.listen, tls, log, serve, upgrade: createUpgrader({ ...security, accept }) });
}
