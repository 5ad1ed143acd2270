/** A cluster and `@kubernetes/client-node` configured for it. */
import { KubeConfig } from '@kubernetes/client-node';
import { type ClusterOptions, TestCluster } from '../cluster.ts';
import { type Relay, relayTo } from './relay.ts';

export type ClientFixture = AsyncDisposable & {
  readonly cluster: TestCluster;
  readonly relay: Relay;
  /** The administrator's configuration, as the library reads it from the file that `tutti up` writes. */
  readonly config: KubeConfig;
};

/** Nothing runs on its nodes. */
export const simulated = (nodes: number): ClusterOptions => ({
  upArguments: ['--runtime', 'hollow', '--hollow-nodes', String(nodes)],
});

export async function aClientFixture(options: ClusterOptions): Promise<ClientFixture> {
  await using starting = new AsyncDisposableStack();
  const cluster = starting.use(await TestCluster.start(options));
  const relay = starting.use(await relayTo(cluster));
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  config.clusters = config.clusters.map((entry) => ({ ...entry, server: relay.server }));
  const running = starting.move();
  return { cluster, relay, config, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
