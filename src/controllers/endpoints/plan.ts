/** Decides the Endpoints object of a service: its addresses, ready and not, grouped by the ports they share. */
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Unsaved } from '#api/object';
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Pod, Service } from '#api/types/core-v1';
import {
  addressesOf,
  conditionsOf,
  hasAddress,
  hostnameOf,
  isHeadless,
  portsOf,
} from '../service-endpoints/plan-membership.ts';

export const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
export const MANAGER = 'endpoint-controller';
const HEADLESS = 'service.kubernetes.io/headless';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MAX_ADDRESSES = 1000;

export type EndpointsPlan =
  | { readonly act: 'none' }
  | { readonly act: 'create'; readonly endpoints: Unsaved<Endpoints> }
  | { readonly act: 'update'; readonly endpoints: Endpoints };

/** `pods` are those the service selects. */
export function planEndpoints(service: Service, pods: readonly Pod[], existing: Endpoints | undefined): EndpointsPlan {
  const { subsets, truncated } = limited(planSubsets(service, pods));
  const labels = labelsOf(service);
  if (existing === undefined) {
    const { name, namespace = '' } = service.metadata;
    const annotations = truncated ? { [OVER_CAPACITY]: 'truncated' } : {};
    return { act: 'create', endpoints: { metadata: { name, namespace, labels, annotations }, subsets } };
  }
  const { [OVER_CAPACITY]: before, ...annotations } = existing.metadata.annotations ?? {};
  const same =
    semanticEqual(existing.subsets, subsets) &&
    semanticEqual(existing.metadata.labels, labels) &&
    (before === 'truncated') === truncated;
  if (same) return { act: 'none' };
  const next = truncated ? { ...annotations, [OVER_CAPACITY]: 'truncated' } : annotations;
  return {
    act: 'update',
    endpoints: { ...existing, metadata: { ...existing.metadata, labels, annotations: next }, subsets },
  };
}

type Entry = { readonly address: EndpointAddress; readonly ready: boolean };
type PortGroup = { readonly ports: EndpointPort[]; readonly entries: ReadonlyMap<string, Entry> };

function planSubsets(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  // Ports behind which the same addresses stand share a subset.
  const groups = new Map<string, PortGroup>();
  for (const { port, entries } of entriesByPort(service, pods)) {
    const key = JSON.stringify([...entries.keys()].toSorted());
    const group = groups.get(key) ?? { ports: [], entries };
    if (port !== undefined) group.ports.push(port);
    groups.set(key, group);
  }
  return [...groups.values()].map(subsetOf);
}

type PortEntries = { readonly port: EndpointPort | undefined; readonly entries: Map<string, Entry> };

function entriesByPort(service: Service, pods: readonly Pod[]): Iterable<PortEntries> {
  const byPort = new Map<string, PortEntries>();
  for (const pod of pods.filter((each) => isListed(each, service))) {
    const entry = entryOf(pod, service);
    for (const port of listedPorts(pod, service)) {
      const key = JSON.stringify(port) ?? '';
      const group = byPort.get(key) ?? { port, entries: new Map<string, Entry>() };
      group.entries.set(JSON.stringify(entry), entry);
      byPort.set(key, group);
    }
  }
  return byPort.values();
}

/** A headless service may have no ports: its pods are listed all the same. */
function listedPorts(pod: Pod, service: Service): readonly (EndpointPort | undefined)[] {
  if (isHeadless(service) && (service.spec.ports ?? []).length === 0) return [undefined];
  return portsOf(pod, service).map(({ name, ...port }) => (name === '' ? port : { name, ...port }));
}

function isListed(pod: Pod, service: Service): boolean {
  const ending = pod.metadata.deletionTimestamp !== undefined;
  return hasAddress(pod) && (!ending || service.spec.publishNotReadyAddresses === true);
}

function entryOf(pod: Pod, service: Service): Entry {
  const { namespace = '', name, uid } = pod.metadata;
  const hostname = hostnameOf(pod, service);
  const addresses = addressesOf(pod);
  const isIpv6 = service.spec.ipFamilies?.[0] === 'IPv6';
  const address = {
    ip: addresses.find((each) => each.includes(':') === isIpv6) ?? addresses[0] ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
  return { address, ready: conditionsOf(pod, service).ready };
}

function subsetOf({ ports, entries }: PortGroup): EndpointSubset {
  const listed = (ready: boolean): readonly EndpointAddress[] =>
    [...entries.values()]
      .filter((entry) => entry.ready === ready)
      .map(({ address }) => address)
      .toSorted((left, right) => (addressKey(left) < addressKey(right) ? -1 : 1));
  const [addresses, notReadyAddresses] = [listed(true), listed(false)];
  const sorted = ports.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(sorted.length === 0 ? {} : { ports: sorted }),
  };
}

const addressKey = ({ ip, targetRef }: EndpointAddress): string => `${ip} ${targetRef?.uid ?? ''}`;

/** The first thousand addresses, ready ones before others: readers of larger services read EndpointSlices. */
function limited(subsets: readonly EndpointSubset[]): {
  readonly subsets: readonly EndpointSubset[];
  readonly truncated: boolean;
} {
  const count = subsets.reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length,
    0,
  );
  if (count <= MAX_ADDRESSES) return { subsets, truncated: false };
  let left = MAX_ADDRESSES;
  const take = (addresses: readonly EndpointAddress[] = []): readonly EndpointAddress[] => {
    const taken = addresses.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const ready = subsets.map(({ addresses }) => take(addresses));
  const cut = subsets.map(({ notReadyAddresses, ports }, at): EndpointSubset => {
    const [addresses, others] = [ready[at] ?? [], take(notReadyAddresses)];
    return {
      ...(addresses.length === 0 ? {} : { addresses }),
      ...(others.length === 0 ? {} : { notReadyAddresses: others }),
      ...(ports === undefined ? {} : { ports }),
    };
  });
  return { subsets: cut.filter(({ addresses, notReadyAddresses }) => addresses ?? notReadyAddresses), truncated: true };
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS]: _headless, ...own } = service.metadata.labels ?? {};
  return { ...own, ...(isHeadless(service) ? { [HEADLESS]: '' } : {}), [MANAGED_BY]: MANAGER };
}
