/** Validates the security contexts of pods and containers. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, NO_ERRORS, notSupported, required, tooLong } from '../../meta/field-error.ts';
import { byteLength, checkUserOrGroupId } from '../../meta/names.ts';
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from '../../types/core-v1.ts';
import { validateDescendingPath } from './paths.ts';
import { validateWindowsOptions } from './windows.ts';

export function* validateContainerSecurity(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  field: string,
): Generator<FieldError> {
  if (context === undefined) return;
  yield* validateId(context.runAsUser, `${field}.runAsUser`);
  yield* validateId(context.runAsGroup, `${field}.runAsGroup`);
  yield* validateProcMount(context.procMount, hostUsers, `${field}.procMount`);
  yield* validateSeccomp(context.seccompProfile, `${field}.seccompProfile`);
  yield* validateEscalation(context, field);
  yield* validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`);
  yield* validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`);
}

const PROC_MOUNTS: readonly string[] = ['Default', 'Unmasked'];

function* validateProcMount(procMount: string | undefined, hostUsers: boolean, field: string): Generator<FieldError> {
  if (procMount === undefined) return;
  if (!PROC_MOUNTS.includes(procMount)) yield notSupported(field, procMount, PROC_MOUNTS);
  if (hostUsers && procMount === 'Unmasked')
    yield invalid(field, procMount, '`hostUsers` must be false to use `Unmasked`');
}

function* validateEscalation(context: SecurityContext, field: string): Generator<FieldError> {
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged === true)
    yield invalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true)
    yield invalid(
      field,
      context,
      'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
    );
}

export function validatePodSecurity(spec: PodSpec, field: string): Iterable<FieldError> {
  const context = spec.securityContext ?? {};
  // Most pods say nothing of it.
  if (spec.shareProcessNamespace !== true && Object.keys(context).length === 0) return NO_ERRORS;
  return validateSecurity(context, spec, field);
}

function* validateSecurity(context: PodSecurityContext, spec: PodSpec, field: string): Generator<FieldError> {
  yield* validateId(context.fsGroup, `${field}.fsGroup`);
  yield* validateId(context.runAsUser, `${field}.runAsUser`);
  yield* validateId(context.runAsGroup, `${field}.runAsGroup`);
  for (const [index, id] of (context.supplementalGroups ?? []).entries())
    yield* validateId(id, `${field}.supplementalGroups[${index}]`);
  if (spec.shareProcessNamespace === true && spec.hostPID === true)
    yield invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled');
  yield* validateSysctls(context.sysctls ?? [], spec, `${field}.sysctls`);
  yield* validatePolicies(context, field);
  yield* validateSeccomp(context.seccompProfile, `${field}.seccompProfile`);
  yield* validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`);
  yield* validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`);
}

const POLICIES = {
  fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  supplementalGroupsPolicy: ['Merge', 'Strict'],
  seLinuxChangePolicy: ['MountOption', 'Recursive'],
} as const satisfies Partial<Record<keyof PodSecurityContext, readonly string[]>>;

function* validatePolicies(context: PodSecurityContext, field: string): Generator<FieldError> {
  for (const [key, supported] of Object.entries(POLICIES)) {
    const policy = context[key as keyof typeof POLICIES];
    if (policy !== undefined && !(supported as readonly string[]).includes(policy))
      yield notSupported(`${field}.${key}`, policy, supported);
  }
}

function* validateId(id: number | undefined, field: string): Generator<FieldError> {
  if (id !== undefined) for (const problem of checkUserOrGroupId(id)) yield invalid(field, id, problem);
}

const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_MAX_LENGTH = 253;
const isSysctl = new RegExp(`^${SYSCTL}$`);

function* validateSysctls(sysctls: readonly Sysctl[], spec: PodSpec, field: string): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const path = `${field}[${index}].name`;
    yield* validateSysctlName(name, seen, path);
    if (spec.hostNetwork === true && isNetworkSysctl(name))
      yield invalid(path, name, "may not be specified when 'hostNetwork' is true");
    else if (spec.hostIPC === true && isIpcSysctl(name))
      yield invalid(path, name, "may not be specified when 'hostIPC' is true");
    seen.add(name);
  }
}

function* validateSysctlName(name: string, seen: ReadonlySet<string>, field: string): Generator<FieldError> {
  if (name === '') yield required(field);
  else if (name.length > SYSCTL_MAX_LENGTH || !isSysctl.test(name))
    yield invalid(field, name, `must have at most ${SYSCTL_MAX_LENGTH} characters and match regex ^${SYSCTL}$`);
  else if (seen.has(name))
    yield { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(name)}` };
}

const dotted = (sysctl: string): string => sysctl.replaceAll('/', '.');
const isNetworkSysctl = (sysctl: string): boolean => dotted(sysctl).startsWith('net.');
const isIpcSysctl = (sysctl: string): boolean =>
  dotted(sysctl) === 'kernel.sem' || /^(kernel\.(shm|msg)|fs\.mqueue\.)/.test(dotted(sysctl));

const PROFILE_TYPES: readonly string[] = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function* validateSeccomp(profile: SeccompProfile | undefined, field: string): Generator<FieldError> {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  if (type === '') yield required(`${field}.type`, 'type is required when seccompProfile is set');
  else if (!PROFILE_TYPES.includes(type)) yield notSupported(`${field}.type`, type, PROFILE_TYPES);
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined)
      yield invalid(`${field}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost');
  } else if (localhostProfile === undefined)
    yield required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost');
  else yield* validateDescendingPath(localhostProfile, `${field}.localhostProfile`);
}

function* validateAppArmor(profile: AppArmorProfile | undefined, field: string): Generator<FieldError> {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  if (type === 'Localhost') yield* validateAppArmorName(localhostProfile ?? '', `${field}.localhostProfile`);
  else if (type === '') yield required(`${field}.type`, 'type is required when appArmorProfile is set');
  else if (!PROFILE_TYPES.includes(type)) yield notSupported(`${field}.type`, type, PROFILE_TYPES);
  else if (localhostProfile !== undefined)
    yield invalid(`${field}.localhostProfile`, localhostProfile, 'can only be set when AppArmor type is Localhost');
}

// A path of Linux, without its closing zero byte.
const PROFILE_NAME_MAX_BYTES = 4095;

function* validateAppArmorName(name: string, field: string): Generator<FieldError> {
  const trimmed = name.trim();
  if (trimmed !== name) yield invalid(field, name, 'must not be padded with whitespace');
  else if (trimmed === '') yield required(field, 'must be set when AppArmor type is Localhost');
  if (byteLength(name) > PROFILE_NAME_MAX_BYTES) yield tooLong(field, PROFILE_NAME_MAX_BYTES);
}

/** A pod with users of its own cannot also be in the host's namespaces. */
/** Of a pod whose users are its own. */
export function* validateHostUsers(spec: PodSpec, field: string): Generator<FieldError> {
  const why = 'when `pod.Spec.HostUsers` is false';
  if (spec.hostNetwork === true) yield forbidden(`${field}.hostNetwork`, why);
  if (spec.hostPID === true) yield forbidden(`${field}.HostPID`, why);
  if (spec.hostIPC === true) yield forbidden(`${field}.HostIPC`, why);
}
