/** A pod's resolver: its `dnsPolicy` applied to the cluster's and the node's own. */
import type { Pod } from '#api/core/pod';
import type { PodDNSConfig } from '#api/types/core-v1';
import type { DnsConfig } from '../../runtime/sandbox.ts';

export type DnsSources = {
  /** Empty while the cluster has no DNS. */
  readonly clusterServers: readonly string[];
  readonly clusterDomain: string;
  readonly host: DnsConfig;
};

const NO_DNS: DnsConfig = { servers: [], searches: [], options: [] };
const CLUSTER_OPTIONS: readonly string[] = ['ndots:5'];

export function podDns(pod: Pod, sources: DnsSources): DnsConfig {
  const { dnsConfig } = pod.spec;
  const base = baseDns(pod, sources);
  return dnsConfig === undefined ? base : withConfig(base, dnsConfig);
}

function baseDns(pod: Pod, sources: DnsSources): DnsConfig {
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = pod.spec;
  if (dnsPolicy === 'None') return NO_DNS;
  const ofCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && hostNetwork !== true);
  if (!ofCluster || sources.clusterServers.length === 0) return sources.host;
  const { clusterDomain } = sources;
  return {
    servers: sources.clusterServers,
    searches: searchesOf(`${pod.metadata.namespace}.svc.${clusterDomain}`, sources),
    options: CLUSTER_OPTIONS,
  };
}

function searchesOf(own: string, { clusterDomain, host }: DnsSources): readonly string[] {
  const ofCluster = [own, `svc.${clusterDomain}`, clusterDomain];
  return host.searches.length === 0 ? ofCluster : [...new Set([...ofCluster, ...host.searches])];
}

function withConfig(base: DnsConfig, { nameservers = [], searches = [], options = [] }: PodDNSConfig): DnsConfig {
  const byName = new Map(base.options.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of options) byName.set(name, value ? `${name}:${value}` : name);
  return {
    servers: [...new Set([...base.servers, ...nameservers])],
    searches: [...new Set([...base.searches, ...searches])],
    options: [...byName.values()],
  };
}

/** Reads a resolver file such as `/etc/resolv.conf`. */
export function parseResolverFile(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: readonly string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) servers.push(rest[0]);
    if (word === 'search' || word === 'domain') searches = rest;
    if (word === 'options') options = rest;
  }
  return { servers, searches, options };
}
