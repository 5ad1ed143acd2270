/** Validates what nodes and schedulers report of a pod. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid, joinErrors, NO_ERRORS } from '../../meta/field-error.ts';
import { isDualStack, isPlainIpv4, validateIp } from '../../meta/ip.ts';
import { checkDnsSubdomain, checkQualifiedName, checkUserOrGroupId } from '../../meta/names.ts';
import { repeatsIn } from '../../meta/repeats.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type {
  ContainerStatus,
  HostIP,
  LinuxContainerUser,
  Pod,
  PodCondition,
  PodResourceClaimStatus,
  PodSpec,
  PodStatus,
} from '../../types/core-v1.ts';
import { validateAnnotationUpdates } from './annotations.ts';
import { isSidecar } from './visit.ts';

export function validatePodStatusUpdate(next: Pod, stored: Pod): readonly FieldError[] {
  const { status = {}, spec } = next;
  const { status: before = {} } = stored;
  const { resourceClaimStatuses, podIPs = [], hostIPs = [], hostIP } = status;
  const sameAnnotations = next.metadata.annotations === stored.metadata.annotations;
  // Machines write them all the time and right: what takes a closer look is looked at only if there is something to see.
  return joinErrors([
    sameAnnotations ? NO_ERRORS : [...validateAnnotationUpdates(next, stored, 'metadata.annotations')],
    validateConditions(status.conditions ?? []),
    validateFixed(status, before),
    isAnyIn(before, isOver) ? STATUS_LISTS.flatMap((list) => [...validateTransitions(list, next, stored)]) : NO_ERRORS,
    resourceClaimStatuses === undefined ? NO_ERRORS : [...validateClaimStatuses(resourceClaimStatuses, spec)],
    validateAddresses(podIPs, 'status.podIPs'),
    validateHostAddresses(hostIPs, hostIP),
    isAnyIn(status, tellsUser)
      ? STATUS_LISTS.flatMap((list) => [...validateUsers(status[list] ?? [], `status.${list}`)])
      : NO_ERRORS,
  ]);
}

type Test = (status: ContainerStatus) => boolean;

// Most lists have nothing to look at more closely, and are looked at with every report.
const isAny = (statuses: readonly ContainerStatus[] | undefined, test: Test): boolean => statuses?.some(test) === true;

const isAnyIn = (status: PodStatus, test: Test): boolean =>
  isAny(status.containerStatuses, test) ||
  isAny(status.initContainerStatuses, test) ||
  isAny(status.ephemeralContainerStatuses, test);

const isOver: Test = ({ state }) => state?.terminated !== undefined;
const tellsUser: Test = ({ user }) => user?.linux !== undefined;

function validateFixed(next: PodStatus, stored: PodStatus): readonly FieldError[] {
  const { nominatedNodeName, qosClass = '' } = next;
  const sameClass = qosClass === (stored.qosClass ?? '');
  const sameNode = !nominatedNodeName || nominatedNodeName === stored.nominatedNodeName;
  if (sameClass && sameNode) return NO_ERRORS;
  const ofNode = sameNode ? NO_ERRORS : validateName(nominatedNodeName, checkDnsSubdomain, 'status.nominatedNodeName');
  return [...ofNode, ...(sameClass ? [] : [invalid('status.qosClass', qosClass, 'field is immutable')])];
}

const STATUS_LISTS = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const satisfies readonly (keyof PodStatus)[];

function validateConditions(conditions: readonly PodCondition[]): readonly FieldError[] {
  const found: FieldError[] = [];
  for (let index = 0; index < conditions.length; index++) {
    const { type } = conditions[index]!;
    const problems = STANDARD_CONDITIONS.has(type) ? [] : checkQualifiedName(type);
    for (const problem of problems) found.push(invalid(`metadata.conditions[${index}].Type`, type, problem));
  }
  return found;
}

// Every pod has these, and they are checked with every report.
const STANDARD_CONDITIONS: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]);

type StatusList = (typeof STATUS_LISTS)[number];

/** A container that has ended for good does not come back. */
function* validateTransitions(list: StatusList, next: Pod, { status, spec }: Pod): Generator<FieldError> {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const mayRestart: Readonly<Record<StatusList, (name: string) => boolean>> = {
    containerStatuses: () => spec.restartPolicy === 'Always',
    initContainerStatuses: (name) => spec.restartPolicy === 'Always' || sidecars.has(name),
    ephemeralContainerStatuses: () => false,
  };
  const after = new Map((next.status?.[list] ?? []).map((container) => [container.name, container]));
  for (const [index, old] of (status?.[list] ?? []).entries())
    if (hasEnded(old, spec, list) && !mayRestart[list](old.name) && isBack(after.get(old.name)))
      yield forbidden(`status.${list}[${index}].state`, 'may not be transitioned to non-terminated state');
}

const isBack = (status: ContainerStatus | undefined): boolean => status !== undefined && !isOver(status);

function hasEnded({ state }: ContainerStatus, spec: PodSpec, list: StatusList): boolean {
  if (state?.terminated === undefined) return false;
  const retries = spec.restartPolicy === 'OnFailure' && list !== 'ephemeralContainerStatuses';
  return !(retries && state.terminated.exitCode !== 0);
}

function* validateClaimStatuses(
  statuses: readonly PodResourceClaimStatus[],
  { resourceClaims = [] }: PodSpec,
): Generator<FieldError> {
  const seen = new Set<string>();
  const claims = new Set(resourceClaims.map(({ name }) => name));
  for (const [index, { name, resourceClaimName }] of statuses.entries()) {
    const field = `status.resourceClaimStatuses[${index}].name`;
    if (!claims.has(name)) yield invalid(field, name, 'must match the name of an entry in `spec.resourceClaims`');
    if (seen.has(name)) yield duplicate(field, name);
    seen.add(name);
    if (resourceClaimName !== undefined) yield* validateName(resourceClaimName, checkDnsSubdomain, field);
  }
}

function validateHostAddresses(hostIPs: readonly HostIP[], hostIP = ''): readonly FieldError[] {
  const [first] = hostIPs;
  const ofAll = validateAddresses(hostIPs, 'status.hostIPs');
  if (first === undefined || first.ip === hostIP) return ofAll;
  return [invalid('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`'), ...ofAll];
}

function validateAddresses(addresses: readonly HostIP[], field: string): readonly FieldError[] {
  const [first] = addresses;
  if (first === undefined || (addresses.length === 1 && isPlainIpv4(first.ip))) return NO_ERRORS;
  const found = addresses.flatMap(({ ip }, index) => [...validateIp(ip, `${field}[${index}]`)]);
  if (addresses.length === 1) return found;
  const texts = addresses.map(({ ip }) => ip);
  if (!isDualStack(texts)) found.push(invalid(field, addresses, 'may specify no more than one IP for each IP family'));
  for (const index of repeatsIn(texts)) found.push(duplicate(`${field}[${index}]`, addresses[index]));
  return found;
}

function* validateUsers(statuses: readonly ContainerStatus[], field: string): Generator<FieldError> {
  for (const [index, { user }] of statuses.entries())
    if (user?.linux !== undefined) yield* validateUser(user.linux, `${field}[${index}].linux`);
}

function* validateUser(user: LinuxContainerUser, field: string): Generator<FieldError> {
  for (const problem of checkUserOrGroupId(user.uid)) yield invalid(`${field}.uid`, user.uid, problem);
  for (const problem of checkUserOrGroupId(user.gid)) yield invalid(`${field}.gid`, user.gid, problem);
  for (const [index, group] of (user.supplementalGroups ?? []).entries())
    for (const problem of checkUserOrGroupId(group))
      yield invalid(`${field}.supplementalGroups[${index}]`, group, problem);
}
