/** A node's network: pods get addresses, services lead to their endpoints, names are answered. */
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Informers } from '#client/informer';
import { runDns } from './dns/run-dns.ts';
import { dnsAddress } from './podnet/plan/ranges.ts';
import { setUpPodNetwork } from './podnet/set-up.ts';
import { runProxy } from './proxy/run-proxy.ts';

export type NetworkContext = {
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Eight hexadecimal digits: everything on the machine is named by it. */
  readonly clusterId: string;
  readonly podCidr: string;
  /** The node's own part of the pod range. */
  readonly nodePodCidr: string;
  readonly serviceCidr: string;
  readonly dataDir: string;
  /** Where the runtime looks for the configuration of its plugins. */
  readonly confDir: string;
  readonly clusterDomain?: string;
  readonly resolvConf?: string;
};

export type Network = {
  /** Resolves when the runtime can give pods addresses. */
  readonly podsReady: Promise<void>;
  /** Resolves when the services that exist are reachable and names are answered. */
  readonly ready: Promise<void>;
  /** Resolves after the abort, when nothing is under way any more. */
  readonly ended: Promise<void>;
  /** Resolves when no rule leads new connections to the address any more, or when the signal aborts. */
  withdrawn(address: string, signal: AbortSignal): Promise<void>;
};

/**
 * Runs until the signal aborts. What it made stays then, so that pods go on reaching services while the agent restarts;
 * `removeNetwork` takes it away.
 */
export function runNetwork(context: NetworkContext): Network {
  const { signal, logger } = context;
  const dnsIp = dnsAddress(context.serviceCidr);
  const setUp = setUpPodNetwork({ ...context, dnsIp }, signal);
  const parts = setUp.then((forwardingBefore) => {
    const node = { ...context, dnsIp, forwardingBefore };
    const proxy = runProxy({ ...context, node, logger: logger.child({ part: 'proxy' }) });
    const dns = runDns({
      clusterDomain: 'cluster.local',
      resolvConf: '/etc/resolv.conf',
      ...context,
      dnsIp,
      ranges: [context.podCidr, context.serviceCidr],
      logger: logger.child({ part: 'dns' }),
    });
    return { proxy, dns };
  });
  const ready = parts.then(async ({ proxy, dns }) => void (await Promise.all([proxy.ready, dns.ready])));
  const ended = parts.then(async ({ proxy, dns }) => void (await Promise.all([proxy.ended, dns.ended])));
  const podsReady = setUp.then(() => undefined);
  for (const promise of [ready, podsReady, ended]) promise.catch(() => undefined); // whoever waits hears of it
  return {
    podsReady,
    ready,
    ended,
    withdrawn: async (address, until) => (await parts).proxy.withdrawn(address, until),
  };
}
