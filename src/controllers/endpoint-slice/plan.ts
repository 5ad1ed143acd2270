/** Decides the EndpointSlices of a service: every endpoint in one slice, where it was before if it can be, at most 100 in each. */
import { controllerReference } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Unsaved } from '#api/object';
import type { Node, Pod, Service } from '#api/types/core-v1';
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/types/discovery-v1';
import {
  addressesOf,
  conditionsOf,
  hasAddress,
  hostnameOf,
  isHeadless,
  portsOf,
} from '../service-endpoints/plan-membership.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const ZONE = 'topology.kubernetes.io/zone';
const MAX_ENDPOINTS = 100;

export type SliceSnapshot = {
  readonly service: Service;
  /** Those the service selects. */
  readonly pods: readonly Pod[];
  readonly nodeOf: (name: string) => Node | undefined;
  /** Those this controller keeps for the service. */
  readonly slices: readonly EndpointSlice[];
};

export type SlicePlan = {
  readonly create: readonly Unsaved<EndpointSlice>[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
};

type AddressType = 'IPv4' | 'IPv6';
type Group = {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
};
type Draft = { readonly slice: EndpointSlice; endpoints: readonly Endpoint[]; changed: boolean };

export function planSlices(snapshot: SliceSnapshot): SlicePlan {
  const { service, slices } = snapshot;
  const groups = groupsOf(snapshot);
  const plan = { create: [] as Unsaved<EndpointSlice>[], update: [] as EndpointSlice[], remove: [] as EndpointSlice[] };
  const left = new Set(slices.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  for (const group of groups) {
    const own = [...left].filter((slice) => isOfGroup(slice, group));
    for (const slice of own) left.delete(slice);
    planGroup(service, { group, own }, plan);
  }
  plan.remove.push(...left);
  return plan;
}

/** Endpoints that share ports and address family; a service without any still has one empty slice a family. */
function groupsOf({ service, pods, nodeOf }: SliceSnapshot): readonly Group[] {
  const groups = new Map<string, Group>();
  const add = (addressType: AddressType, ports: readonly EndpointPort[]): Group => {
    const key = JSON.stringify([addressType, ports]);
    const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
    groups.set(key, group);
    return group;
  };
  for (const addressType of addressTypesOf(service)) {
    for (const pod of pods.filter(hasAddress)) {
      const address = addressesOf(pod).find((each) => isOfType(each, addressType));
      const ports = portsOf(pod, service);
      const reachable = ports.length > 0 || (isHeadless(service) && (service.spec.ports ?? []).length === 0);
      if (address === undefined || !reachable) continue;
      add(addressType, ports).endpoints.push(endpointOf(pod, { address, service, nodeOf }));
    }
    if (![...groups.values()].some((group) => group.addressType === addressType)) add(addressType, []);
  }
  return [...groups.values()];
}

type Planned = {
  readonly create: Unsaved<EndpointSlice>[];
  readonly update: EndpointSlice[];
  readonly remove: EndpointSlice[];
};

function planGroup(
  service: Service,
  { group, own }: { readonly group: Group; readonly own: readonly EndpointSlice[] },
  plan: Planned,
): void {
  const wanted = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const drafts = own.map((slice): Draft => draftOf(slice, service, wanted));
  let rest = [...wanted.values()];
  // First into slices that must be written anyway, then into one that can take all the rest, then into new ones.
  for (const draft of drafts.filter(({ changed }) => changed)) rest = fill(draft, rest);
  const roomy = drafts
    .filter(({ changed, endpoints }) => !changed && rest.length > 0 && endpoints.length + rest.length <= MAX_ENDPOINTS)
    .toSorted((left, right) => right.endpoints.length - left.endpoints.length)[0];
  if (roomy !== undefined) rest = fill(roomy, rest);
  for (let start = 0; start < rest.length; start += MAX_ENDPOINTS) {
    plan.create.push(newSlice(service, { ...group, endpoints: rest.slice(start, start + MAX_ENDPOINTS) }));
  }
  const needed = drafts.filter(({ endpoints }) => endpoints.length > 0);
  // One empty slice says that the service is known and has no endpoints.
  const placeholder = needed.length === 0 && plan.create.length === 0 && group.endpoints.length === 0;
  const kept = placeholder ? drafts.slice(0, 1) : needed;
  if (placeholder && kept.length === 0) plan.create.push(newSlice(service, group));
  plan.remove.push(...drafts.filter((draft) => !kept.includes(draft)).map(({ slice }) => slice));
  plan.update.push(
    ...kept.filter(({ changed }) => changed).map((draft) => ({ ...draft.slice, endpoints: draft.endpoints })),
  );
}

/** What stays of a slice. Takes the endpoints that stay out of `wanted`. */
function draftOf(slice: EndpointSlice, service: Service, wanted: Map<string, Endpoint>): Draft {
  const endpoints: Endpoint[] = [];
  for (const had of slice.endpoints ?? []) {
    const key = identityOf(had);
    const now = wanted.get(key);
    if (now === undefined) continue;
    wanted.delete(key);
    endpoints.push(semanticEqual(had, now) ? had : now);
  }
  const labels = labelsOf(service);
  const relabelled = !semanticEqual(slice.metadata.labels, labels);
  const same =
    endpoints.length === (slice.endpoints ?? []).length &&
    endpoints.every((each, at) => each === slice.endpoints?.[at]);
  const next = relabelled ? { ...slice, metadata: { ...slice.metadata, labels } } : slice;
  return { slice: next, endpoints, changed: relabelled || !same };
}

/** Returns what did not fit. */
function fill(draft: Draft, rest: readonly Endpoint[]): Endpoint[] {
  const room = Math.max(0, MAX_ENDPOINTS - draft.endpoints.length);
  const taken = rest.slice(0, room);
  if (taken.length > 0) {
    draft.endpoints = [...draft.endpoints, ...taken];
    draft.changed = true;
  }
  return rest.slice(room);
}

function newSlice(service: Service, { addressType, ports, endpoints }: Group): Unsaved<EndpointSlice> {
  return {
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace ?? '',
      labels: labelsOf(service),
      ownerReferences: [controllerReference(service, { apiVersion: 'v1', kind: 'Service' })],
    },
    addressType,
    endpoints,
    ports,
  };
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  const {
    [SERVICE_NAME]: _name,
    [MANAGED_BY]: _manager,
    [HEADLESS]: _headless,
    ...own
  } = service.metadata.labels ?? {};
  return {
    ...own,
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
  };
}

type Place = { readonly address: string; readonly service: Service; readonly nodeOf: SliceSnapshot['nodeOf'] };

function endpointOf(pod: Pod, { address, service, nodeOf }: Place): Endpoint {
  const { namespace = '', name, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const hostname = hostnameOf(pod, service);
  const zone = nodeName === undefined ? undefined : nodeOf(nodeName)?.metadata.labels?.[ZONE];
  return {
    addresses: [address],
    conditions: conditionsOf(pod, service),
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** The same pod at the same address is the same endpoint, whatever its condition. */
function identityOf({ addresses, targetRef, hostname }: Endpoint): string {
  return JSON.stringify([addresses, targetRef?.uid, hostname]);
}

function isOfGroup(slice: EndpointSlice, { addressType, ports }: Group): boolean {
  return slice.addressType === addressType && semanticEqual(slice.ports, ports);
}

function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families;
  return [spec.clusterIP?.includes(':') === true ? 'IPv6' : 'IPv4'];
}

function isOfType(address: string, addressType: AddressType): boolean {
  return address.includes(':') === (addressType === 'IPv6');
}
