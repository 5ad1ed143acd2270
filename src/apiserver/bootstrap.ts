/** What every cluster has from its first moment: its namespaces and the services under which the API and the DNS are found. */
import { isApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest, RequestHandler } from '#api/request';
import type * as core from '#api/types/core-v1';
import type * as discovery from '#api/types/discovery-v1';
import { validateNonSpecialIp } from '#api/meta/ip';
import { semanticEqual } from '#api/meta/semantic-equal';
import { SYSTEM_CLASSES } from '#api/scheduling/system-classes';
import { SERVER } from './authz/server-rights.ts';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export type Bootstrap = {
  readonly handle: RequestHandler;
  /** The cluster IP of the `kubernetes` service: the first of the service range. */
  readonly serviceIp: string;
  /** Where every node answers the cluster's DNS. */
  readonly dnsIp: string;
  /** Where servers of the API are reached from inside the cluster. */
  readonly endpoint: { readonly addresses: readonly string[]; readonly port: number };
  readonly signal: AbortSignal;
};

type Pipeline = Pick<Bootstrap, 'handle' | 'signal'>;

/** Everything else needs a place. */
export async function ensureNamespaces(pipeline: Pipeline): Promise<void> {
  await Promise.all(NAMESPACES.map((name) => ensure(pipeline, { plural: 'namespaces', object: namespaceNamed(name) })));
}

/** Pods of the cluster itself name these from the first moment. */
export async function ensurePriorityClasses(pipeline: Pipeline): Promise<void> {
  const group = 'scheduling.k8s.io';
  for (const { name, ...body } of SYSTEM_CLASSES) {
    const object = { apiVersion: `${group}/v1`, kind: 'PriorityClass', metadata: { name }, ...body };
    await offer(pipeline, { group, plural: 'priorityclasses', object });
  }
}

/** Makes what is missing and corrects what differs; safe to run at every start. */
export async function bootstrap(options: Bootstrap): Promise<void> {
  await ensureNamespaces(options);
  await ensure(options, { plural: 'services', object: kubernetesService(options) });
  await ensure(options, { plural: 'endpoints', object: kubernetesEndpoints(options) });
  await ensure(options, {
    group: 'discovery.k8s.io',
    plural: 'endpointslices',
    object: kubernetesSlice(options),
  });
  await offer(options, { plural: 'services', object: dnsService(options) });
}

type Wanted = { readonly group?: string; readonly plural: string; readonly object: WantedObject };
type WantedObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object };
};

function requestFor({ signal }: Pipeline, { group = '', plural, object }: Wanted): Omit<ApiRequest, 'verb'> {
  const { namespace } = object.metadata;
  const scope = namespace === undefined ? {} : { namespace };
  return { group, version: 'v1', plural, ...scope, options: {}, user: SERVER, signal };
}

async function ensure(options: Pipeline, wanted: Wanted): Promise<void> {
  const { handle } = options;
  const { object } = wanted;
  const { name } = object.metadata;
  const base = requestFor(options, wanted);
  try {
    await handle({ ...base, verb: 'create', body: object });
    return;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
  const found = await handle({ ...base, verb: 'get', name });
  if (found.type !== 'object' || isLike(found.object, object)) return;
  const { metadata: _, ...body } = object;
  await handle({ ...base, verb: 'update', name, body: { ...found.object, ...body } });
}

/** Makes what nothing depends on: whatever an operator has put in its place, or at its address, stays. */
async function offer(options: Pipeline, wanted: Wanted): Promise<void> {
  try {
    await options.handle({ ...requestFor(options, wanted), verb: 'create', body: wanted.object });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists', 'Invalid')) throw error;
  }
}

/** Whether everything that is wanted is there already; what others added is theirs. */
function isLike(found: ApiObject, wanted: WantedObject): boolean {
  return Object.entries(wanted)
    .filter(([field]) => field !== 'metadata')
    .every(([field, value]) => includes((found as unknown as Record<string, unknown>)[field], value));
}

function includes(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return includesList(found, wanted);
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(wanted).every(([key, value]) => includes((found as Record<string, unknown>)[key], value));
}

function includesList(found: unknown, wanted: unknown): boolean {
  if (!Array.isArray(wanted) || !Array.isArray(found)) return semanticEqual(found, wanted);
  return found.length === wanted.length && wanted.every((item, index) => includes(found[index], item));
}

function namespaceNamed(name: string): WantedObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} } as WantedObject;
}

const KUBERNETES = { name: 'kubernetes', namespace: 'default' };

function kubernetesService({ serviceIp, endpoint }: Bootstrap): WantedObject {
  const spec: core.ServiceSpec = {
    type: 'ClusterIP',
    clusterIP: serviceIp,
    clusterIPs: [serviceIp],
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: endpoint.port }],
  };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  return { apiVersion: 'v1', kind: 'Service', metadata: { ...KUBERNETES, labels }, spec } as WantedObject;
}

// Each node answers at this address itself, so it has no endpoints; people and programs look for it by this name.
function dnsService({ dnsIp }: Bootstrap): WantedObject {
  const spec: core.ServiceSpec = {
    type: 'ClusterIP',
    clusterIP: dnsIp,
    clusterIPs: [dnsIp],
    ports: [
      { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 53 },
    ],
  };
  const labels = {
    'k8s-app': 'kube-dns',
    'kubernetes.io/cluster-service': 'true',
    'kubernetes.io/name': 'CoreDNS',
  };
  const metadata = { name: 'kube-dns', namespace: 'kube-system', labels };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec } as WantedObject;
}

// A server that only listens at, say, 127.0.0.1 has no address that leads to it from inside the cluster.
function reachableAddresses({ endpoint }: Bootstrap): readonly string[] {
  return endpoint.addresses.filter((address) => validateNonSpecialIp(address, '').next().done === true);
}

function kubernetesEndpoints(options: Bootstrap): WantedObject {
  const addresses = reachableAddresses(options).map((ip) => ({ ip }));
  const ports = [{ name: 'https', port: options.endpoint.port, protocol: 'TCP' }];
  const subsets: readonly core.EndpointSubset[] = addresses.length === 0 ? [] : [{ addresses, ports }];
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...KUBERNETES, labels },
    subsets,
  } as WantedObject;
}

function kubernetesSlice(options: Bootstrap): WantedObject {
  const endpoints: readonly discovery.Endpoint[] = reachableAddresses(options).map((address) => ({
    addresses: [address],
    conditions: { ready: true },
  }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...KUBERNETES, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'https', port: options.endpoint.port, protocol: 'TCP' }],
  } as WantedObject;
}
