/** The fronts of a service: its cluster address, its node ports, its load balancer's and its external addresses. */
import type { Service } from '#api/core/service';
import type { EndpointSlice } from '#api/discovery/endpoint-slice';
import type { ServicePort } from '#api/types/core-v1';
import { formatRange, isIpv4Range, overlaps, parseAddress, parseRange, type Range } from '../../plan/ipv4.ts';
import { candidates, chooseTargets, type Candidate } from './endpoints.ts';
import { frontName, transportProtocol, type Front, type FrontTable, type TransportProtocol } from './front.ts';

export type NodeView = {
  readonly nodeName: string;
  /** Where the cluster's DNS server itself listens: nothing is translated there. */
  readonly dnsIp: string;
};

// Services that something else serves, and slices of headless services, carry these.
const SERVED_ELSEWHERE = 'service.kubernetes.io/service-proxy-name';
const DEFAULT_AFFINITY_SECONDS = 10_800;

export function serviceFronts(service: Service, slices: readonly EndpointSlice[], node: NodeView): readonly Front[] {
  if (!isServedHere(service)) return [];
  const fronts = new Map<string, Front>();
  for (const port of service.spec?.ports ?? []) {
    const protocol = transportProtocol(port.protocol);
    if (protocol === undefined) continue;
    const found = candidates(slices, { name: port.name ?? '', protocol }, node.nodeName);
    for (const front of portFronts({ service, port, protocol, found }, node)) fronts.set(frontName(front), front);
  }
  return [...fronts.values()];
}

function isServedHere({ metadata, spec }: Service): boolean {
  if (spec === undefined || spec.type === 'ExternalName' || spec.clusterIP === 'None') return false;
  return metadata.labels?.[SERVED_ELSEWHERE] === undefined;
}

type PortView = {
  readonly service: Service;
  readonly port: ServicePort;
  readonly protocol: TransportProtocol;
  readonly found: readonly Candidate[];
};

function* portFronts(view: PortView, { dnsIp }: NodeView): Generator<Front> {
  const { service, port, found } = view;
  const { internalTrafficPolicy, externalTrafficPolicy } = service.spec ?? {};
  const internal = internalTrafficPolicy === 'Local' ? found.filter(({ isLocal }) => isLocal) : found;
  for (const address of clusterAddresses(service)) {
    if (address !== dnsIp) yield front(view, { table: 'vips', address, port: port.port }, internal);
  }
  for (const place of externalPlaces(view)) {
    yield front(view, place, found);
    if (externalTrafficPolicy !== 'Local') continue;
    // Only strangers are held to this node; pods and the node itself reach every endpoint.
    const table: FrontTable = place.table === 'vips' ? 'outer_vips' : 'outer_ports';
    yield front(
      view,
      { ...place, table },
      found.filter(({ isLocal }) => isLocal),
    );
  }
}

type Place = Pick<Front, 'table' | 'port' | 'address' | 'sources'>;

function* externalPlaces({ service, port }: PortView): Generator<Place> {
  const ofPort = { table: 'vips', port: port.port } as const;
  for (const address of (service.spec?.externalIPs ?? []).filter(isIpv4)) yield { ...ofPort, address };
  for (const address of balancerAddresses(service).filter(isIpv4))
    yield { ...ofPort, address, ...allowedSources(service) };
  if (port.nodePort !== undefined && port.nodePort !== 0) yield { table: 'ports', port: port.nodePort };
}

function front({ service, protocol, found }: PortView, place: Place, from: readonly Candidate[]): Front {
  const affinity = affinitySeconds(service);
  return {
    ...place,
    protocol,
    targets: chooseTargets(from),
    ...(affinity === undefined ? {} : { affinitySeconds: affinity }),
    whenEmpty: chooseTargets(found).length > 0 ? 'drop' : 'refuse',
  };
}

function affinitySeconds({ spec }: Service): number | undefined {
  if (spec?.sessionAffinity !== 'ClientIP') return undefined;
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
}

function clusterAddresses({ spec }: Service): readonly string[] {
  const addresses = spec?.clusterIPs ?? (spec?.clusterIP === undefined ? [] : [spec.clusterIP]);
  return addresses.filter(isIpv4);
}

function balancerAddresses({ spec, status }: Service): readonly string[] {
  if (spec?.type !== 'LoadBalancer') return [];
  const ingress = status?.loadBalancer?.ingress ?? [];
  // In proxy mode the balancer itself must see the traffic.
  return ingress.flatMap(({ ip, ipMode }) => (ip === undefined || ipMode === 'Proxy' ? [] : [ip]));
}

function allowedSources({ spec }: Service): Pick<Front, 'sources'> {
  const texts = (spec?.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isIpv4Range);
  if (texts.length === 0) return {};
  const ranges = [...new Map(texts.map(parseRange).map((range) => [formatRange(range), range])).values()];
  const isCovered = (range: Range): boolean =>
    ranges.some((other) => other.bits < range.bits && overlaps(other, range));
  return { sources: ranges.filter((range) => !isCovered(range)).map(formatRange) };
}

function isIpv4(address: string): boolean {
  return parseAddress(address) !== undefined;
}
