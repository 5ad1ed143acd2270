/** Puts the control plane together: store, API server, controllers, scheduler, autoscaler. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KINDS } from '#api/kinds';
import type { RequestHandler } from '#api/request';
import type { Authenticator } from '#apiserver/authn/authentication';
import { staticTokens } from '#apiserver/authn/tokens/static-tokens';
import { TokenAuthority } from '#apiserver/authn/tokens/token-authority';
import { fillOrder } from '#apiserver/pki/authority';
import { writePrivate } from '#apiserver/pki/files';
import { loadSigningKey } from '#apiserver/pki/signing-key';
import { kubeconfigYaml } from '#apiserver/pki/kubeconfig';
import { podExplanations } from '#apiserver/explain/explanations';
import { startApiServer } from '#apiserver/start';
import { ticks } from '#base/ticker';
import type { Cluster } from '#cli/composition';
import type { Store } from '#store/store';
import { Explaining } from './explaining.ts';
import { CLUSTER_DOMAIN } from './nodes.ts';
import { controlPlaneHealth, runControlPlane } from './control-plane.ts';
import { type Credentials, loadCredentials, RENEWAL_CHECK_MS } from './credentials.ts';
import { hostAndPort, localAddress } from '#cli/listen-address';
import { readSchedulerConfig } from './scheduler-config.ts';
import type { Surroundings } from './surroundings.ts';

// The name under which every pod finds the API server.
const TOKEN_ISSUER = `https://kubernetes.default.svc.${CLUSTER_DOMAIN}`;

export interface RunningServer extends AsyncDisposable {
  /** The request pipeline, for parts in the same process. */
  readonly handle: RequestHandler;
  /** Settles when a part of the control plane ends, which it does only on failure or when the signal aborts. */
  readonly running: Promise<unknown>;
}

/** Starts the control plane; when it resolves, the API answers and the kubeconfig is written. */
export async function startServer(
  cluster: Cluster,
  opening: Promise<Store>,
  surroundings: Surroundings,
): Promise<RunningServer> {
  const { dir, settings } = cluster;
  const { world, logger, signal } = surroundings;
  await using starting = new AsyncDisposableStack();
  let credentials = await loadCredentials(cluster, world);
  const schedulerConfig = await readSchedulerConfig(dir);
  const store = await opening;
  const health = controlPlaneHealth();
  const explaining = new Explaining(world);
  const api = starting.use(
    await startApiServer({
      store,
      kinds: settings.whyColumn === 'off' ? KINDS : explaining.withWhyColumn(KINDS),
      virtual: [podExplanations({ store, explainer: explaining.explainer })],
      world,
      log: logger,
      listen: hostAndPort(settings.listen),
      tls: tlsOf(credentials),
      agentTls: () => ({ authority: credentials.authority.certificate, client: credentials.agentClient }),
      serviceCidr: settings.serviceCidr,
      advertisedAddresses: [settings.nodeIp],
      tokens: new TokenAuthority({ store, world, key: await loadSigningKey(dir.pki), issuer: TOKEN_ISSUER }),
      authenticators: await tokenFile(cluster),
      components: [health.controllers, health.scheduler],
    }),
  );
  await writeKubeconfig(cluster, credentials);
  const renewing = (async () => {
    for await (const _tick of ticks(RENEWAL_CHECK_MS, { world, signal })) {
      credentials = await loadCredentials(cluster, world);
      api.renewCertificate(tlsOf(credentials));
      await writeKubeconfig(cluster, credentials);
    }
  })();
  const held = starting.move();
  return {
    handle: api.handle,
    running: Promise.all([
      runControlPlane(
        {
          handle: api.handle,
          authority: credentials.authority.certificate,
          health,
          onView: explaining.onView,
          ...(schedulerConfig === undefined ? {} : { schedulerConfig }),
          automaticRollback: settings.automaticRollback !== 'off',
          signCertificate: (order) => fillOrder(credentials.authority, order, world.clock.now()),
        },
        surroundings,
      ),
      renewing,
    ]),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** An operator's own list of tokens, read at every start. */
async function tokenFile({ dir }: Cluster): Promise<readonly Authenticator[]> {
  try {
    return [staticTokens(await readFile(join(dir.pki, 'tokens.csv'), 'utf8'))];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

const tlsOf = ({ server, authority }: Credentials) => ({ ...server, clientAuthority: authority.certificate });

async function writeKubeconfig({ dir, settings }: Cluster, { authority, admin }: Credentials): Promise<void> {
  const server = `https://${localAddress(settings.listen)}`;
  await writePrivate(dir.kubeconfig, kubeconfigYaml({ server, authority: authority.certificate, client: admin }));
}
