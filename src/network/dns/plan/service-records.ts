/** The addresses and locations a service's name stands for. */
import type { Service } from '#api/core/service';
import type { EndpointSlice } from '#api/discovery/endpoint-slice';
import type { Endpoint } from '#api/types/discovery-v1';
import { TTL_SECONDS, type DnsRecord } from './record.ts';

export type NamedEndpoint = { readonly address: string; readonly label: string };
export type Location = {
  readonly port: number;
  readonly portName: string;
  readonly protocol: string;
  readonly label?: string;
};

function isHeadless({ spec }: Service): boolean {
  return spec?.clusterIP === 'None';
}

/** The addresses of the service itself: its cluster address, or every endpoint's when it has none. */
export function serviceAddresses(service: Service, slices: readonly EndpointSlice[]): readonly string[] {
  if (isHeadless(service)) return distinct(namedEndpoints(slices).map(({ address }) => address));
  return (service.spec?.clusterIPs ?? [service.spec?.clusterIP ?? '']).filter(isIpv4);
}

/** The ready endpoints with the label each is known by under the service's name. */
export function namedEndpoints(slices: readonly EndpointSlice[]): readonly NamedEndpoint[] {
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints = [] }) =>
      endpoints
        .filter(isReady)
        .flatMap((endpoint) => endpoint.addresses.map((address) => ({ address, label: labelOf(endpoint, address) }))),
    );
}

/** The label of an endpoint: its host name, or its address with dashes. */
export function labelOf({ hostname }: Endpoint, address: string): string {
  return hostname === undefined || hostname === '' ? address.replaceAll('.', '-') : hostname;
}

/** Where the service's ports are: at the service's own name, or at every endpoint's when it is headless. */
export function serviceLocations(service: Service, slices: readonly EndpointSlice[]): readonly Location[] {
  if (!isHeadless(service)) return (service.spec?.ports ?? []).flatMap(locationOf);
  const found = new Map<string, Location>();
  for (const slice of slices) {
    const ports = (slice.ports ?? []).flatMap(locationOf);
    for (const { label } of namedEndpoints([slice])) {
      for (const port of ports) found.set(JSON.stringify([port, label]), { ...port, label });
    }
  }
  return [...found.values()];
}

type Port = { readonly port?: number; readonly name?: string; readonly protocol?: string };

function locationOf({ port, name = '', protocol = 'TCP' }: Port): readonly Location[] {
  return port === undefined ? [] : [{ port, portName: name, protocol: protocol.toLowerCase() }];
}

export function addressRecords(name: string, addresses: readonly string[]): readonly DnsRecord[] {
  return distinct(addresses).map((data) => ({ name, type: 'A', ttl: TTL_SECONDS, data }));
}

// The slice controller says ready for pods whose service publishes them before they are.
function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}

function isIpv4(address: string): boolean {
  return /^[0-9.]+$/.test(address);
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
