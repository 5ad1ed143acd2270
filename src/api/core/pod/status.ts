/** Validates what nodes and schedulers report of a pod. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid } from '../../meta/field-error.ts';
import { isDualStack, validateIp } from '../../meta/ip.ts';
import { checkDnsSubdomain, checkQualifiedName, checkUserOrGroupId } from '../../meta/names.ts';
import { repeatsIn } from '../../meta/repeats.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { ContainerStatus, HostIP, LinuxContainerUser, Pod, PodSpec, PodStatus } from '../../types/core-v1.ts';
import { validateAnnotationUpdates } from './annotations.ts';
import { isSidecar } from './visit.ts';

export function* validatePodStatusUpdate(next: Pod, stored: Pod): Generator<FieldError> {
  const status = next.status ?? {};
  const before = stored.status ?? {};
  yield* validateAnnotationUpdates(next, stored, 'metadata.annotations');
  yield* validateConditions(status);
  yield* validateFixed(status, before);
  yield* validateTransitions(status, before, stored.spec);
  yield* validateClaimStatuses(status, next.spec);
  yield* validateAddresses(status.podIPs ?? [], 'status.podIPs');
  yield* validateHostAddresses(status);
  for (const list of STATUS_LISTS) yield* validateUsers(status[list] ?? [], `status.${list}`);
}

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

function* validateConditions({ conditions = [] }: PodStatus): Generator<FieldError> {
  for (const [index, { type }] of conditions.entries())
    yield* validateName(type, checkQualifiedName, `metadata.conditions[${index}].Type`);
}

type MayRestart = (name: string) => boolean;

/** A container that has ended for good does not come back. */
function* validateTransitions(next: PodStatus, stored: PodStatus, spec: PodSpec): Generator<FieldError> {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const mayRestart: Readonly<Record<(typeof STATUS_LISTS)[number], MayRestart>> = {
    containerStatuses: () => spec.restartPolicy === 'Always',
    initContainerStatuses: (name) => spec.restartPolicy === 'Always' || sidecars.has(name),
    ephemeralContainerStatuses: () => false,
  };
  for (const list of STATUS_LISTS) {
    const after = new Map((next[list] ?? []).map((status) => [status.name, status]));
    for (const [index, old] of (stored[list] ?? []).entries())
      if (hasEnded(old, spec, list) && !mayRestart[list](old.name) && isBack(after.get(old.name)))
        yield forbidden(`status.${list}[${index}].state`, 'may not be transitioned to non-terminated state');
  }
}

const isBack = (status: ContainerStatus | undefined): boolean =>
  status !== undefined && status.state?.terminated === undefined;

function hasEnded({ state }: ContainerStatus, spec: PodSpec, list: (typeof STATUS_LISTS)[number]): boolean {
  if (state?.terminated === undefined) return false;
  const retries = spec.restartPolicy === 'OnFailure' && list !== 'ephemeralContainerStatuses';
  return !(retries && state.terminated.exitCode !== 0);
}

function* validateClaimStatuses(
  { resourceClaimStatuses = [] }: PodStatus,
  { resourceClaims = [] }: PodSpec,
): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { name, resourceClaimName }] of resourceClaimStatuses.entries()) {
    const field = `status.resourceClaimStatuses[${index}].name`;
    if (!resourceClaims.some((claim) => claim.name === name))
      yield invalid(field, name, 'must match the name of an entry in `spec.resourceClaims`');
    if (seen.has(name)) yield duplicate(field, name);
    seen.add(name);
    if (resourceClaimName !== undefined) yield* validateName(resourceClaimName, checkDnsSubdomain, field);
  }
}

function* validateHostAddresses({ hostIP = '', hostIPs = [] }: PodStatus): Generator<FieldError> {
  const [first] = hostIPs;
  if (first !== undefined && first.ip !== hostIP)
    yield invalid('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`');
  yield* validateAddresses(hostIPs, 'status.hostIPs');
}

function* validateAddresses(addresses: readonly HostIP[], field: string): Generator<FieldError> {
  for (const [index, { ip }] of addresses.entries()) yield* validateIp(ip, `${field}[${index}]`);
  if (addresses.length < 2) return;
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
