/** What the commands need, made from the parts. Each part is loaded when a command needs it: most commands need few. */
import { createLogger } from '#base/log';
import type { World } from '#base/world';
import type { Cluster, Composition } from '#cli/composition';
import type { OpeningStore } from './cluster-store.ts';
import { KUBERNETES_VERSION } from './kubernetes-version.ts';

const openingStore = async (cluster: Cluster, world: World): Promise<OpeningStore> =>
  (await import('./cluster-store.ts')).openClusterStore(cluster, world);

type Installation = { readonly world: World; readonly version: string };

export function composition({ world, version }: Installation): Composition {
  const quiet = { world, logger: createLogger({ level: 'warn' }) };
  return {
    version,
    kubernetesVersion: KUBERNETES_VERSION,
    decideSettings: async (asked) => (await import('./decide-settings.ts')).decideSettings(asked),
    missingFor: async (settings) => (await import('./missing-parts.ts')).missingParts(settings),
    whyNotListen: async (listen) => (await import('./free-address.ts')).whyNotListen(listen),
    whyNotSchedulerConfig: async (text) => (await import('./scheduler-config.ts')).whyNotSchedulerConfig(text),
    async run(cluster, parts, signal) {
      await using store = parts === 'agent' ? undefined : await openingStore(cluster, world);
      const { runCluster } = await import('./run-cluster.ts');
      await runCluster({ ...cluster, parts, store: store?.opened }, { world, signal, logger: createLogger() });
    },
    buildImages: async (cluster, request) => (await import('./images.ts')).buildImages(cluster, request, quiet),
    importImages: async (cluster, request) => (await import('./images.ts')).importImages(cluster, request, quiet),
    stopNode: async (cluster, stopping) => (await import('./removal.ts')).stopNode(cluster, stopping, quiet),
    removeData: async (cluster) => (await import('./removal.ts')).removeData(cluster, quiet),
    simulate: async (request) => (await import('./simulate.ts')).simulate(request, world),
    async pinnedKubectl() {
      const { CLIENT_MINORS, kubectlPath } = await import('../../tools/kubectl.ts');
      return kubectlPath(CLIENT_MINORS[CLIENT_MINORS.length - 1] ?? CLIENT_MINORS[0]);
    },
  };
}
