/** Validates what nodes and schedulers report of a pod. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid } from '../../meta/field-error.ts';
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

export function* validatePodStatusUpdate(next: Pod, stored: Pod): Generator<FieldError> {
  const status = next.status ?? {};
  const before = stored.status ?? {};
  if (next.metadata.annotations !== stored.metadata.annotations)
    yield* validateAnnotationUpdates(next, stored, 'metadata.annotations');
  yield* validateConditions(status.conditions ?? []);
  yield* validateFixed(status, before);
  for (const list of STATUS_LISTS) if (isAny(isOver, before[list])) yield* validateTransitions(list, next, stored);
  yield* validatePlaces(status, next.spec);
  for (const list of STATUS_LISTS)
    if (isAny(tellsUser, status[list])) yield* validateUsers(status[list] ?? [], `status.${list}`);
}

/** Where a pod is found, and what was made for it. */
function* validatePlaces(status: PodStatus, spec: PodSpec): Generator<FieldError> {
  if (status.resourceClaimStatuses !== undefined) yield* validateClaimStatuses(status.resourceClaimStatuses, spec);
  if (status.podIPs !== undefined) yield* validateAddresses(status.podIPs, 'status.podIPs');
  if (status.hostIPs !== undefined) yield* validateHostAddresses(status.hostIPs, status.hostIP);
}

type Test = (status: ContainerStatus) => boolean;

// Most lists have nothing to look at more closely, and are looked at with every report.
const isAny = (test: Test, statuses: readonly ContainerStatus[] = []): boolean => statuses.some(test);

const isOver: Test = ({ state }) => state?.terminated !== undefined;
const tellsUser: Test = ({ user }) => user?.linux !== undefined;

function* validateFixed(next: PodStatus, stored: PodStatus): Generator<FieldError> {
  const { nominatedNodeName, qosClass = '' } = next;
  if (nominatedNodeName && nominatedNodeName !== stored.nominatedNodeName)
    yield* validateName(nominatedNodeName, checkDnsSubdomain, 'status.nominatedNodeName');
  if (qosClass !== (stored.qosClass ?? '')) yield invalid('status.qosClass', qosClass, 'field is immutable');
}

const STATUS_LISTS = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const satisfies readonly (keyof PodStatus)[];

function* validateConditions(conditions: readonly PodCondition[]): Generator<FieldError> {
  for (let index = 0; index < conditions.length; index++) {
    const { type } = conditions[index]!;
    for (const problem of checkQualifiedName(type)) yield invalid(`metadata.conditions[${index}].Type`, type, problem);
  }
}

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

function* validateHostAddresses(hostIPs: readonly HostIP[], hostIP = ''): Generator<FieldError> {
  const [first] = hostIPs;
  if (first !== undefined && first.ip !== hostIP)
    yield invalid('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`');
  yield* validateAddresses(hostIPs, 'status.hostIPs');
}

function* validateAddresses(addresses: readonly HostIP[], field: string): Generator<FieldError> {
  const [first] = addresses;
  if (first === undefined || (addresses.length === 1 && isPlainIpv4(first.ip))) return;
  for (const [index, { ip }] of addresses.entries()) yield* validateIp(ip, `${field}[${index}]`);
  if (addresses.length === 1) return;
  const texts = addresses.map(({ ip }) => ip);
  if (!isDualStack(texts)) yield invalid(field, addresses, 'may specify no more than one IP for each IP family');
  for (const index of repeatsIn(texts)) yield duplicate(`${field}[${index}]`, addresses[index]);
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
