/** What the names of compute resources say: native or extended, countable in parts or not, allowed to overcommit. */
import { checkQualifiedName } from '../meta/names.ts';

const HUGE_PAGES = 'hugepages-';

const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const COUNTED: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const COUNTED_RESOURCES: ReadonlySet<string> = new Set(COUNTED);

const STANDARD_RESOURCES: ReadonlySet<string> = new Set([
  ...CONTAINER_RESOURCES,
  ...[...CONTAINER_RESOURCES].flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...COUNTED,
  'storage',
  'requests.storage',
]);

/** Resources of Kubernetes itself: without a domain, or in `kubernetes.io`. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);

/** The page size in a huge pages resource's name, as a quantity: `2Mi` of `hugepages-2Mi`. */
export const hugePageSize = (name: string): string => name.slice(HUGE_PAGES.length);

export const isStandardResource = (name: string): boolean =>
  STANDARD_RESOURCES.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`);

export const isContainerResource = (name: string): boolean => CONTAINER_RESOURCES.has(name) || isHugePages(name);

/** Resources that devices on nodes offer under their vendor's domain. */
export function isExtendedResource(name: string): boolean {
  if (name === asked) return answer;
  answer =
    !isNativeResource(name) && !name.startsWith('requests.') && checkQualifiedName(`requests.${name}`).length === 0;
  asked = name;
  return answer;
}

// It is asked about one name several times in a row: as a limit and as a request, of its form and of its amount.
let asked: string | undefined;
let answer = false;

/** Whether a container may be promised less than it may use at most. */
export const mayOvercommit = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

/** Whether only whole numbers of it make sense. */
export const isCounted = (name: string): boolean => COUNTED_RESOURCES.has(name) || isExtendedResource(name);
