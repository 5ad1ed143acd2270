/** A simulated cluster and `@kubernetes/client-node` configured for it. */
import { KubeConfig } from '@kubernetes/client-node';
import { TestCluster } from '../cluster.ts';
import { type Relay, relayTo } from './relay.ts';

export type ClientFixture = AsyncDisposable & {
  readonly cluster: TestCluster;
  readonly relay: Relay;
  /** The administrator's configuration, as the library reads it from the file that `tutti up` writes. */
  readonly config: KubeConfig;
};

export async function aClientFixture(hollowNodes: number): Promise<ClientFixture> {
  await using starting = new AsyncDisposableStack();
  const upArguments = ['--runtime', 'hollow', '--hollow-nodes', String(hollowNodes)];
  const cluster = starting.use(await TestCluster.start({ upArguments }));
  const relay = starting.use(await relayTo(cluster));
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  config.clusters = config.clusters.map((entry) => ({ ...entry, server: relay.server }));
  const running = starting.move();
  return { cluster, relay, config, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
