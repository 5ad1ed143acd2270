/** Which names a quota may limit, and which kind's objects each of them is about. */
import { isExtendedResource, isHugePages, isNativeResource } from '../resource-names.ts';

/** Names a kind for quotas: `pods`, `deployments.apps`. */
export type QuotaKind = { readonly group: string; readonly plural: string };

const COMPUTE: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

const EPHEMERAL: readonly string[] = ['ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage'];

/** Kinds whose number could be limited before `count/` could limit any. */
const COUNTED_BY_NAME: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

const PODS: ReadonlySet<string> = new Set([...COMPUTE, ...EPHEMERAL, 'pods']);
const SERVICES: ReadonlySet<string> = new Set(['services.nodeports', 'services.loadbalancers']);
const STANDARD: ReadonlySet<string> = new Set([...PODS, ...COUNTED_BY_NAME, ...SERVICES, 'requests.storage']);

const OF_STORAGE_CLASS = '.storageclass.storage.k8s.io/';
const REQUESTS = 'requests.';

const isQuotaHugePages = (name: string): boolean =>
  isHugePages(name) || (name.startsWith(REQUESTS) && isHugePages(name.slice(REQUESTS.length)));

export const isStandardQuotaName = (name: string): boolean => STANDARD.has(name) || isQuotaHugePages(name);

export const isComputeName = (name: string): boolean => COMPUTE.has(name);

/** `count/deployments.apps` */
export const countName = ({ group, plural }: QuotaKind): string =>
  `count/${group === '' ? plural : `${plural}.${group}`}`;

/** `fast.storageclass.storage.k8s.io/requests.storage` */
export const storageClassName = (storageClass: string, name: string): string =>
  `${storageClass}${OF_STORAGE_CLASS}${name}`;

/** The older name under which the number of a kind's objects is limited. */
export const plainCountName = ({ group, plural }: QuotaKind): string | undefined =>
  group === '' && COUNTED_BY_NAME.has(plural) ? plural : undefined;

/** Whether a limit under this name concerns objects of the kind. */
export function concernsKind(name: string, kind: QuotaKind): boolean {
  if (name === countName(kind) || name === plainCountName(kind)) return true;
  return kind.group === '' && (OF_CORE.get(kind.plural)?.(name) ?? false);
}

const OF_CORE: ReadonlyMap<string, (name: string) => boolean> = new Map([
  ['pods', (name) => PODS.has(name) || isQuotaHugePages(name) || isExtendedRequest(name)],
  ['services', (name) => SERVICES.has(name)],
  ['persistentvolumeclaims', (name) => name === 'requests.storage' || name.includes(OF_STORAGE_CLASS)],
]);

const isExtendedRequest = (name: string): boolean => !isNativeResource(name) && name.startsWith(REQUESTS);

/** The names under which an amount that containers ask for counts against quotas. */
export function requestNames(resource: string): readonly string[] {
  if (isExtendedResource(resource)) return [`${REQUESTS}${resource}`];
  const isCounted = PODS.has(resource) || isHugePages(resource);
  return isCounted ? [resource, `${REQUESTS}${resource}`] : [];
}

/** The name under which what containers are limited to counts. */
export const limitName = (resource: string): string | undefined =>
  PODS.has(`limits.${resource}`) ? `limits.${resource}` : undefined;
