/** Answers the cluster's DNS on one address until told to stop. */
import { readFile } from 'node:fs/promises';
import { Namespace } from '#api/core/namespace';
import { Service } from '#api/core/service';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import { ServiceCIDR } from '#api/networking/service-cidr';
import { aborted } from '#base/abort';
import { backoffMs, type BackoffPolicy } from '#base/backoff';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Informers } from '#client/informer';
import { isIpv4Range, parseRange } from '../plan/ipv4.ts';
import { serviceKeysOf, SLICES_BY_SERVICE } from '../plan/slices-by-service.ts';
import { exchange, type ServerAddress } from './exchange.ts';
import { Forwarder } from './forwarder.ts';
import { listenForDatagrams, listenForStreams, type Answerer } from './listeners.ts';
import { nameServers } from './plan/resolv-conf.ts';
import type { DnsSnapshot } from './plan/snapshot.ts';
import { resolveMessage } from './resolver.ts';

export type DnsContext = {
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly dnsIp: string;
  readonly clusterDomain: string;
  /** The pod and service ranges: their reverse names are asked of nobody else, nor are those of ranges that users add. */
  readonly ranges: readonly string[];
  /** Names the servers that know everything else. */
  readonly resolvConf: string;
};

const DNS_PORT = 53;
const RETRY: BackoffPolicy = { baseMs: 200, capMs: 10_000, jitter: 0.2 };
const SERVICES_BY_ADDRESS = 'network/services-by-address';
const SLICES_BY_ADDRESS = 'network/slices-by-address';

export type Dns = {
  /** Resolves when questions are answered. */
  readonly ready: Promise<void>;
  /** Resolves after the abort, when the sockets are closed. */
  readonly ended: Promise<void>;
};

export function runDns(context: DnsContext): Dns {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined); // whoever waits hears of it; nobody has to wait
  const ended = serve(context, resolve).finally(() => reject(context.signal.reason));
  return { ready: promise, ended };
}

async function serve(context: DnsContext, onReady: () => void): Promise<void> {
  const { world, logger, signal } = context;
  const resolver = { snapshot: snapshotOf(context), forwarder: forwarderOf(context), logger };
  const answer: Answerer = (message, transport) => resolveMessage(resolver, message, transport);
  for (let failures = 0; !signal.aborted;) {
    try {
      return await listenUntilAborted(context, answer, onReady);
    } catch (error) {
      failures++;
      logger.error('cannot answer DNS questions, trying again', { at: context.dnsIp, error: asError(error) });
      await world.clock.sleep(backoffMs(failures, RETRY, world.random), signal).catch(() => undefined);
    }
  }
}

async function listenUntilAborted(context: DnsContext, answer: Answerer, onReady: () => void): Promise<void> {
  const { informers, dnsIp, logger, signal } = context;
  // An empty copy would say of every name that it does not exist, and clients would believe it.
  await Promise.race([
    Promise.all([informers.for(Service).synced, informers.for(EndpointSlice).synced, informers.for(Namespace).synced]),
    aborted(signal),
  ]);
  if (signal.aborted) return;
  await using stack = new AsyncDisposableStack();
  const listener = { at: { address: dnsIp, port: DNS_PORT }, answer, logger };
  stack.use(await listenForStreams(listener));
  stack.use(await listenForDatagrams(listener));
  onReady();
  await aborted(signal);
}

function snapshotOf({ informers, clusterDomain, dnsIp, ranges }: DnsContext): DnsSnapshot {
  const services = informers.for(Service);
  const slices = informers.for(EndpointSlice);
  const namespaces = informers.for(Namespace);
  const serviceCidrs = informers.for(ServiceCIDR);
  const own = ranges.map(parseRange);
  services.addIndex(SERVICES_BY_ADDRESS, addressesOfService);
  slices.addIndex(SLICES_BY_SERVICE, serviceKeysOf);
  slices.addIndex(SLICES_BY_ADDRESS, addressesOfSlice);
  return {
    domain: clusterDomain,
    dnsIp,
    get ranges() {
      const added = serviceCidrs.list().flatMap(({ spec }) => spec.cidrs ?? []);
      return [...own, ...added.filter(isIpv4Range).map(parseRange)];
    },
    hasNamespace: (name) => namespaces.get({ name }) !== undefined,
    service: (namespace, name) => services.get({ namespace, name }),
    slicesOf: (namespace, name) => slices.byIndex(SLICES_BY_SERVICE, `${namespace}/${name}`),
    servicesAt: (address) => services.byIndex(SERVICES_BY_ADDRESS, address),
    slicesWith: (address) => slices.byIndex(SLICES_BY_ADDRESS, address),
  };
}

function addressesOfService({ spec }: Service): readonly string[] {
  return spec?.clusterIPs ?? (spec?.clusterIP === undefined ? [] : [spec.clusterIP]);
}

function addressesOfSlice({ endpoints = [] }: EndpointSlice): readonly string[] {
  return endpoints.flatMap(({ addresses }) => addresses);
}

function forwarderOf({ world, logger, signal, dnsIp, resolvConf }: DnsContext): Forwarder {
  const servers = async (): Promise<readonly ServerAddress[]> => {
    const text = await readFile(resolvConf, 'utf8').catch(() => ''); // a machine without one resolves nothing else
    return nameServers(text, [dnsIp]).map((address) => ({ address, port: DNS_PORT }));
  };
  return new Forwarder({ world, logger, signal, servers, exchange });
}
