/** What answering needs to know of the cluster: reads of informers' indexes, nothing is copied. */
import type { Service } from '#api/core/service';
import type { EndpointSlice } from '#api/discovery/endpoint-slice';
import type { Range } from '../../plan/ipv4.ts';

export type DnsSnapshot = {
  /** Lower case, without the final dot: `cluster.local`. */
  readonly domain: string;
  /** Ranges whose reverse names are ours alone. */
  readonly ranges: readonly Range[];
  /** Where this server answers. */
  readonly dnsIp: string;
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  slicesOf(namespace: string, name: string): readonly EndpointSlice[];
  servicesAt(address: string): readonly Service[];
  slicesWith(address: string): readonly EndpointSlice[];
};
