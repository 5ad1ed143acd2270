/** Decides the answer to a question about the cluster's names, or that others must be asked. */
import type { Service } from '#api/core/service';
import { contains, parseAddress } from '../../plan/ipv4.ts';
import { SERVICE_LABEL } from '../../plan/slices-by-service.ts';
import { TTL_SECONDS, zoneAuthority, type DnsRecord } from './record.ts';
import {
  addressRecords,
  labelOf,
  namedEndpoints,
  serviceAddresses,
  serviceLocations,
  type Location,
} from './service-records.ts';
import type { DnsSnapshot } from './snapshot.ts';

/** `name` is in lower case, without the final dot. */
export type DnsQuestion = { readonly name: string; readonly type: string };

export type DnsAnswer =
  | { readonly outcome: 'found'; readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] }
  /** The name exists and has no record of that type. */
  | { readonly outcome: 'empty'; readonly authority: DnsRecord }
  | { readonly outcome: 'missing'; readonly authority: DnsRecord }
  /** The name is another name for `target`, whose records complete the answer. */
  | { readonly outcome: 'alias'; readonly alias: DnsRecord; readonly target: string }
  /** Not ours to answer. */
  | { readonly outcome: 'foreign' };

/** What a name of the cluster has, whatever type is asked for. */
type Node = {
  readonly records?: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
  readonly alias?: string;
};

const REVERSE_SUFFIX = '.in-addr.arpa';
// The version of the naming scheme, which clients may ask for.
const SCHEMA_VERSION = '1.1.0';

export function planAnswer(question: DnsQuestion, snapshot: DnsSnapshot): DnsAnswer {
  const { domain } = snapshot;
  const { name } = question;
  if (name === domain || name.endsWith(`.${domain}`)) {
    const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.');
    return answerFrom(forwardNode(labels, name, snapshot), question, zoneAuthority(domain));
  }
  const address = reverseAddress(name);
  if (address === undefined) return { outcome: 'foreign' };
  const node = reverseNode(address, name, snapshot);
  const isOurs = snapshot.ranges.some((range) => contains(range, parseAddress(address) ?? -1));
  if (node === undefined && !isOurs) return { outcome: 'foreign' };
  return answerFrom(node, question, zoneAuthority(name));
}

function answerFrom(node: Node | undefined, { name, type }: DnsQuestion, authority: DnsRecord): DnsAnswer {
  if (node === undefined) return { outcome: 'missing', authority };
  if (node.alias !== undefined) {
    const alias: DnsRecord = { name, type: 'CNAME', ttl: TTL_SECONDS, data: node.alias };
    if (type === 'CNAME' || type === 'ANY') return { outcome: 'found', answers: [alias], additionals: [] };
    return { outcome: 'alias', alias, target: node.alias };
  }
  const answers = (node.records ?? []).filter((record) => record.type === type || type === 'ANY');
  if (answers.length === 0) return { outcome: 'empty', authority };
  return { outcome: 'found', answers, additionals: type === 'SRV' ? (node.additionals ?? []) : [] };
}

// The labels are those left of the domain, the leftmost first.
function forwardNode(labels: readonly string[], name: string, snapshot: DnsSnapshot): Node | undefined {
  if (labels.length === 0) return apexNode(snapshot);
  const kind = labels.at(-1);
  const [namespace, service, ...inner] = labels.slice(0, -1).toReversed();
  if (kind === 'svc') return serviceZoneNode({ namespace, service, inner: inner.toReversed(), name }, snapshot);
  if (kind === 'pod') return podZoneNode(labels.slice(0, -1), name, snapshot);
  if (name === `dns-version.${snapshot.domain}`)
    return { records: [{ name, type: 'TXT', ttl: TTL_SECONDS, data: SCHEMA_VERSION }] };
  if (name === `ns.dns.${snapshot.domain}`) return { records: addressRecords(name, [snapshot.dnsIp]) };
  return name === `dns.${snapshot.domain}` ? {} : undefined;
}

function apexNode({ domain }: DnsSnapshot): Node {
  return { records: [zoneAuthority(domain), { name: domain, type: 'NS', ttl: TTL_SECONDS, data: `ns.dns.${domain}` }] };
}

type ServicePath = {
  readonly namespace: string | undefined;
  readonly service: string | undefined;
  readonly inner: readonly string[];
  readonly name: string;
};

function serviceZoneNode(path: ServicePath, snapshot: DnsSnapshot): Node | undefined {
  const { namespace, service: serviceName, inner, name } = path;
  if (namespace === undefined) return {};
  if (serviceName === undefined) return snapshot.hasNamespace(namespace) ? {} : undefined;
  const service = snapshot.service(namespace, serviceName);
  if (service === undefined) return undefined;
  const view = { service, base: `${serviceName}.${namespace}.svc.${snapshot.domain}`, name, snapshot };
  if (inner.length === 0) return isExternal(service) ? aliasNode(service) : serviceNode(view);
  if (isExternal(service)) return undefined;
  return inner.every((label) => label.startsWith('_')) ? portNode(view, inner) : endpointNode(view, inner);
}

function isExternal({ spec }: Service): boolean {
  return spec?.type === 'ExternalName';
}

function aliasNode({ spec }: Service): Node {
  return { alias: (spec?.externalName ?? '').toLowerCase().replace(/\.$/, '') };
}

type ServiceView = {
  readonly service: Service;
  /** The service's own name. */
  readonly base: string;
  /** The name asked for. */
  readonly name: string;
  readonly snapshot: DnsSnapshot;
};

function slicesOf({ service: { metadata }, snapshot }: ServiceView): ReturnType<DnsSnapshot['slicesOf']> {
  return snapshot.slicesOf(metadata.namespace ?? '', metadata.name);
}

function serviceNode(view: ServiceView): Node {
  const addresses = addressRecords(view.name, serviceAddresses(view.service, slicesOf(view)));
  const located = locationNode(view, serviceLocations(view.service, slicesOf(view)));
  return { records: [...addresses, ...(located.records ?? [])], additionals: located.additionals ?? [] };
}

// `_tcp` alone exists because something is below it; `_http._tcp` is a port.
function portNode(view: ServiceView, inner: readonly string[]): Node | undefined {
  const [protocol = '', port] = inner.toReversed().map((label) => label.slice(1));
  const offered = serviceLocations(view.service, slicesOf(view)).filter((each) => each.protocol === protocol);
  const matching = offered.filter(({ portName }) => portName !== '' && portName.toLowerCase() === port);
  if (inner.length === 1) return offered.length > 0 ? {} : undefined;
  return inner.length === 2 && matching.length > 0 ? locationNode(view, matching) : undefined;
}

function locationNode(view: ServiceView, locations: readonly Location[]): Node {
  const { base, name } = view;
  const weight = Math.max(1, Math.floor(100 / Math.max(1, locations.length)));
  const records = locations.map(({ port, label }): DnsRecord => {
    const target = label === undefined ? base : `${label.toLowerCase()}.${base}`;
    return { name, type: 'SRV', ttl: TTL_SECONDS, data: { priority: 0, weight, port, target } };
  });
  const labels = new Set(locations.flatMap(({ label }) => label ?? []));
  const endpoints = namedEndpoints(slicesOf(view)).filter(({ label }) => labels.has(label));
  const targets =
    labels.size === 0
      ? addressRecords(base, serviceAddresses(view.service, []))
      : endpoints.flatMap(({ label, address }) => addressRecords(`${label.toLowerCase()}.${base}`, [address]));
  return { records, additionals: distinctRecords(targets) };
}

function endpointNode(view: ServiceView, inner: readonly string[]): Node | undefined {
  if (inner.length !== 1) return undefined;
  const matching = namedEndpoints(slicesOf(view)).filter(({ label }) => label.toLowerCase() === inner[0]);
  if (matching.length === 0) return undefined;
  return {
    records: addressRecords(
      view.name,
      matching.map(({ address }) => address),
    ),
  };
}

// A pod's name is its address, so whether such a pod exists need not be known; upstream's server answers the same.
function podZoneNode(labels: readonly string[], name: string, snapshot: DnsSnapshot): Node | undefined {
  const [namespace, dashed, ...more] = labels.toReversed();
  if (namespace === undefined) return {};
  if (!snapshot.hasNamespace(namespace) || more.length > 0) return undefined;
  if (dashed === undefined) return {};
  const address = dashed.replaceAll('-', '.');
  return parseAddress(address) === undefined ? undefined : { records: addressRecords(name, [address]) };
}

function reverseNode(address: string, name: string, snapshot: DnsSnapshot): Node | undefined {
  const pointers = [...serviceNames(address, snapshot), ...endpointNames(address, snapshot)];
  if (pointers.length === 0) return undefined;
  return { records: [...new Set(pointers)].map((data) => ({ name, type: 'PTR', ttl: TTL_SECONDS, data })) };
}

function serviceNames(address: string, { servicesAt, domain }: DnsSnapshot): readonly string[] {
  return servicesAt(address).map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.${domain}`);
}

function endpointNames(address: string, { slicesWith, domain }: DnsSnapshot): readonly string[] {
  return slicesWith(address).flatMap(({ metadata, endpoints = [] }) => {
    const service = metadata.labels?.[SERVICE_LABEL];
    if (service === undefined) return [];
    const own = endpoints.filter(({ addresses }) => addresses.includes(address));
    return own.map((endpoint) =>
      `${labelOf(endpoint, address)}.${service}.${metadata.namespace}.svc.${domain}`.toLowerCase(),
    );
  });
}

function reverseAddress(name: string): string | undefined {
  if (!name.endsWith(REVERSE_SUFFIX)) return undefined;
  const address = name.slice(0, -REVERSE_SUFFIX.length).split('.').toReversed().join('.');
  return parseAddress(address) === undefined ? undefined : address;
}

function distinctRecords(records: readonly DnsRecord[]): readonly DnsRecord[] {
  return [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
}
