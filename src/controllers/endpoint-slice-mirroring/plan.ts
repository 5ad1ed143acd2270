/** Decides the EndpointSlices that say what an Endpoints object says: one for each of its sets of ports and each address family. */
import { ipFamilyOf } from '#api/meta/ip';
import { controllerReference } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Unsaved } from '#api/object';
import type { EndpointAddress, Endpoints, EndpointSubset, Service } from '#api/types/core-v1';
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/types/discovery-v1';
import { MANAGED_BY, SERVICE_NAME, type SlicePlan } from '../endpoint-slice/plan.ts';

export const MIRRORER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
/** Who leads is kept in such an object by old clients; it is about no service. */
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const NOT_COPIED: ReadonlySet<string> = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);
// What one slice may hold; what an Endpoints object has beyond it is left out, as upstream does.
const MAX_ENDPOINTS = 1000;

/** Those of a service with a selector are another controller's. */
export function isMirrored({ metadata }: Endpoints, service: Service | undefined): boolean {
  if (service === undefined || Object.keys(service.spec.selector ?? {}).length > 0) return false;
  return metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined;
}

type Wanted = Pick<EndpointSlice, 'addressType'> & {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
};

/** `slices` are those made for the object before. */
export function planMirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): SlicePlan {
  const left = new Set(slices.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  const create: Unsaved<EndpointSlice>[] = [];
  const update: EndpointSlice[] = [];
  const copied = copiedMetadata(endpoints);
  for (const wanted of wantedOf(endpoints)) {
    const own = [...left].find(
      (slice) => slice.addressType === wanted.addressType && semanticEqual(slice.ports, wanted.ports),
    );
    if (own === undefined) {
      create.push(newSlice(endpoints, wanted));
      continue;
    }
    left.delete(own);
    const next = { ...own, endpoints: wanted.endpoints, metadata: { ...own.metadata, ...copied } };
    if (!semanticEqual(next, own)) update.push(next);
  }
  return { create, update, remove: [...left] };
}

function wantedOf({ subsets = [] }: Endpoints): readonly Wanted[] {
  const byPorts = Map.groupBy(subsets, ({ ports = [] }) => JSON.stringify(ports));
  return [...byPorts.values()].flatMap((same) => {
    const ports = (same[0]?.ports ?? []).map(({ name = '', protocol = 'TCP', ...port }) => ({
      ...port,
      name,
      protocol,
    }));
    const all = same.flatMap(endpointsOf);
    return (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
      const endpoints = all.filter(({ addresses: [address = ''] }) => ipFamilyOf(address) === addressType);
      return endpoints.length === 0 ? [] : [{ addressType, ports, endpoints: endpoints.slice(0, MAX_ENDPOINTS) }];
    });
  });
}

function endpointsOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset): readonly Endpoint[] {
  const as =
    (ready: boolean) =>
    ({ ip, hostname, nodeName, targetRef }: EndpointAddress): Endpoint => ({
      addresses: [ip],
      conditions: { ready },
      ...(hostname === undefined ? {} : { hostname }),
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(targetRef === undefined ? {} : { targetRef }),
    });
  return [...addresses.map(as(true)), ...notReadyAddresses.map(as(false))];
}

type Copied = Required<Pick<EndpointSlice['metadata'], 'labels' | 'annotations'>>;

function copiedMetadata({ metadata }: Endpoints): Copied {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
  return {
    labels: { ...metadata.labels, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: MIRRORER },
    annotations: Object.fromEntries(annotations),
  };
}

function newSlice(endpoints: Endpoints, wanted: Wanted): Unsaved<EndpointSlice> {
  const { name, namespace = '' } = endpoints.metadata;
  const ownerReferences = [controllerReference(endpoints, { apiVersion: 'v1', kind: 'Endpoints' })];
  return {
    metadata: { generateName: `${name}-`, namespace, ...copiedMetadata(endpoints), ownerReferences },
    ...wanted,
  };
}
