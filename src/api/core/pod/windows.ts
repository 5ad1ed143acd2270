/** Validates what only pods for Windows may say, and what they may not. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, NO_ERRORS, notSupported, required } from '../../meta/field-error.ts';
import { byteLength, checkDnsSubdomain } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type {
  Container,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
  WindowsSecurityContextOptions,
} from '../../types/core-v1.ts';
import { containersOf } from './visit.ts';

const CREDENTIAL_SPEC_MAX_KIB = 64;

export function* validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  field: string,
): Generator<FieldError> {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined)
    yield* validateName(gmsaCredentialSpecName, checkDnsSubdomain, `${field}.gmsaCredentialSpecName`);
  if (gmsaCredentialSpec !== undefined)
    yield* validateCredentialSpec(gmsaCredentialSpec, `${field}.gmsaCredentialSpec`);
  if (runAsUserName !== undefined)
    for (const problem of checkUserName(runAsUserName)) yield invalid(`${field}.runAsUserName`, runAsUserName, problem);
}

function* validateCredentialSpec(spec: string, field: string): Generator<FieldError> {
  if (spec === '') yield invalid(field, spec, 'gmsaCredentialSpec cannot be an empty string');
  else if (byteLength(spec) > CREDENTIAL_SPEC_MAX_KIB * 1024)
    yield invalid(field, spec, `gmsaCredentialSpec size must be under ${CREDENTIAL_SPEC_MAX_KIB} KiB`);
}

const DOMAIN_MAX = 256;
const USER_MAX = 104;

function checkUserName(name: string): readonly string[] {
  const parts = name.split('\\');
  if (name === '') return ['runAsUserName cannot be an empty string'];
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(name)) return ['runAsUserName cannot contain control characters'];
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const [user = '', domain] = parts.toReversed();
  return [...(domain === undefined ? [] : checkDomain(domain)), ...checkUser(user)];
}

const isNetBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const isDnsDomain =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

function checkDomain(domain: string): readonly string[] {
  const problems: string[] = [];
  if (domain.length >= DOMAIN_MAX)
    problems.push(`runAsUserName's Domain length must be under ${DOMAIN_MAX} characters`);
  if (!isNetBios.test(domain) && !isDnsDomain.test(domain))
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  return problems;
}

function checkUser(user: string): readonly string[] {
  const problems: string[] = [];
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  else if (user.length > USER_MAX)
    problems.push(`runAsUserName's User length must not be longer than ${USER_MAX} characters`);
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  return problems;
}

const hostProcess = (context: SecurityContext | PodSecurityContext | undefined): boolean | undefined =>
  context?.windowsOptions?.hostProcess;

/** Containers that run as processes of a Windows host: all of a pod or none, and in the host's network. */
export function validateHostProcess(spec: PodSpec, field: string): Iterable<FieldError> {
  return hasWindowsOptions(spec) ? hostProcessErrors(spec, field) : NO_ERRORS;
}

const hasWindowsOptions = ({ securityContext, containers, initContainers, ephemeralContainers }: PodSpec): boolean =>
  securityContext?.windowsOptions !== undefined ||
  [containers, initContainers, ephemeralContainers].some((list) =>
    list?.some((container) => container.securityContext?.windowsOptions !== undefined),
  );

function* hostProcessErrors(spec: PodSpec, field: string): Generator<FieldError> {
  const ofPod = hostProcess(spec.securityContext);
  const places = [...containersOf(spec, field)];
  for (const { container, field: path } of places) {
    const own = hostProcess(container.securityContext);
    if (ofPod !== undefined && own !== undefined && own !== ofPod)
      yield invalid(
        `${path}.securityContext.windowsOptions.hostProcess`,
        own,
        `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
      );
  }
  const count = places.filter(({ container }) => hostProcess(container.securityContext) ?? ofPod).length;
  if (count === 0) return;
  if (count !== places.length)
    yield invalid(
      field,
      '',
      'If pod contains any hostProcess containers then all containers must be HostProcess containers',
    );
  if (spec.hostNetwork !== true)
    yield invalid(`${field}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers');
}

const OPERATING_SYSTEMS: readonly string[] = ['linux', 'windows'];

export function* validateOperatingSystem(spec: PodSpec, field: string): Generator<FieldError> {
  const name = spec.os?.name;
  if (name === undefined) return;
  if (name === '') yield required(`${field}.os.name`, 'cannot be empty');
  else if (!OPERATING_SYSTEMS.includes(name)) yield notSupported(`${field}.os`, name, OPERATING_SYSTEMS);
  else if (name === 'linux') yield* validateLinux(spec, field);
  else yield* validateWindows(spec, field);
}

function* validateLinux(spec: PodSpec, field: string): Generator<FieldError> {
  const why = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions !== undefined)
    yield forbidden(`${field}.securityContext.windowsOptions`, why);
  for (const { container, field: path } of containersOf(spec, field))
    if (container.securityContext?.windowsOptions !== undefined)
      yield forbidden(`${path}.securityContext.windowsOptions`, why);
}

const LINUX_ONLY_OF_POD_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const satisfies readonly (keyof PodSecurityContext)[];

const LINUX_ONLY_OF_POD = [
  'hostUsers',
  'hostPID',
  'hostIPC',
  'shareProcessNamespace',
] as const satisfies readonly (keyof PodSpec)[];

const LINUX_ONLY_OF_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const satisfies readonly (keyof SecurityContext)[];

function* validateWindows(spec: PodSpec, field: string): Generator<FieldError> {
  const why = 'cannot be set for a windows pod';
  for (const key of LINUX_ONLY_OF_POD_CONTEXT)
    if (spec.securityContext?.[key] !== undefined) yield forbidden(`${field}.securityContext.${key}`, why);
  for (const key of LINUX_ONLY_OF_POD)
    if (spec[key] !== undefined && !(isPlainFlag(key) && spec[key] === false)) yield forbidden(`${field}.${key}`, why);
  for (const { container, field: path } of containersOf(spec, field))
    yield* forbidLinuxOnly(container, `${path}.securityContext`);
}

/** Flags whose `false` is the same as their absence. */
const isPlainFlag = (key: keyof PodSpec): boolean => key === 'hostPID' || key === 'hostIPC';

function* forbidLinuxOnly({ securityContext }: Container, field: string): Generator<FieldError> {
  for (const key of LINUX_ONLY_OF_CONTAINER)
    if (securityContext?.[key] !== undefined) yield forbidden(`${field}.${key}`, 'cannot be set for a windows pod');
}
