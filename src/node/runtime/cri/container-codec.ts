/** Containers between our words and the protocol's. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ContainerState, ContainerStatus, ContainerSummary, Mount } from '../container.ts';
import type { ContainerResources, ContainerSecurity, SeccompProfile } from '../isolation.ts';
import type { ContainerRequest } from '../runtime.ts';
import type { SandboxConfig } from '../sandbox.ts';
import type {
  Container as ContainerMessage,
  ContainerConfigSchema,
  ContainerStatus as StatusMessage,
  LinuxContainerResourcesSchema,
  LinuxContainerSecurityContextSchema,
  MountSchema,
  SecurityProfileSchema,
} from './generated/cri_pb.ts';
import { INTERNAL, withoutInternal } from './internal-annotations.ts';
import { int64, millis, optionalMillis } from './numbers.ts';
import { NAMESPACE_CODES } from './sandbox-codec.ts';

const PROPAGATION_CODES = { None: 0, HostToContainer: 1, Bidirectional: 2 } as const;
const STATES: readonly ContainerState[] = ['Created', 'Running', 'Exited'];

// What every container runtime hides of /proc and /sys unless told otherwise; the protocol has no word for "the usual".
const USUAL_MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const USUAL_READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export function encodeContainer({
  sandboxId,
  container: config,
  sandbox,
}: ContainerRequest): MessageInitShape<typeof ContainerConfigSchema> {
  const userImage = config.userImage ?? config.image;
  return {
    metadata: config.metadata,
    image: { image: config.image, userSpecifiedImage: userImage },
    command: [...config.command],
    args: [...config.args],
    workingDir: config.workingDir,
    envs: config.envs.map(({ name, value }) => ({ key: name, value })),
    mounts: config.mounts.map(encodeMount),
    devices: config.devices.map((device) => ({ ...device })),
    labels: config.labels,
    annotations: { ...config.annotations, [INTERNAL.userImage]: userImage, [INTERNAL.sandboxId]: sandboxId },
    logPath: config.logPath,
    stdin: config.stdin,
    stdinOnce: config.stdinOnce,
    tty: config.tty,
    linux: { resources: encodeResources(config.resources), securityContext: encodeSecurity(config.security, sandbox) },
  };
}

function encodeMount(mount: Mount): MessageInitShape<typeof MountSchema> {
  return {
    containerPath: mount.containerPath,
    hostPath: mount.hostPath,
    readonly: mount.readonly,
    propagation: PROPAGATION_CODES[mount.propagation],
  };
}

/** Zero means "leave as it is" in the protocol, so absent members become zero. */
export function encodeResources(resources: ContainerResources): MessageInitShape<typeof LinuxContainerResourcesSchema> {
  return {
    cpuPeriod: int64(resources.cpuPeriod),
    cpuQuota: int64(resources.cpuQuota),
    cpuShares: int64(resources.cpuShares),
    memoryLimitInBytes: int64(resources.memoryLimitBytes),
    memorySwapLimitInBytes: int64(resources.memorySwapLimitBytes),
    oomScoreAdj: int64(resources.oomScoreAdj),
    cpusetCpus: resources.cpusetCpus ?? '',
    cpusetMems: resources.cpusetMems ?? '',
    hugepageLimits: (resources.hugepageLimits ?? []).map(({ pageSize, limitBytes }) => ({
      pageSize,
      limit: int64(limitBytes),
    })),
  };
}

function encodeSecurity(
  security: ContainerSecurity,
  { namespaces }: SandboxConfig,
): MessageInitShape<typeof LinuxContainerSecurityContextSchema> {
  return {
    privileged: security.privileged,
    capabilities: { addCapabilities: [...security.addCapabilities], dropCapabilities: [...security.dropCapabilities] },
    // Network and IPC are always the sandbox's, and the runtime wants to be told so again.
    namespaceOptions: {
      network: NAMESPACE_CODES[namespaces.network],
      ...(security.pidOf === undefined
        ? { pid: NAMESPACE_CODES[security.pid] }
        : { pid: NAMESPACE_CODES.Target, targetId: security.pidOf }),
      ipc: NAMESPACE_CODES[namespaces.ipc],
    },
    runAsUsername: security.runAsUsername ?? '',
    ...(security.runAsUser === undefined ? {} : { runAsUser: { value: int64(security.runAsUser) } }),
    ...(security.runAsGroup === undefined ? {} : { runAsGroup: { value: int64(security.runAsGroup) } }),
    supplementalGroups: security.supplementalGroups.map(int64),
    readonlyRootfs: security.readonlyRootfs,
    noNewPrivs: security.noNewPrivileges,
    ...encodeConfinement(security),
  };
}

type Confinement = Pick<
  MessageInitShape<typeof LinuxContainerSecurityContextSchema> & object,
  'maskedPaths' | 'readonlyPaths' | 'seccomp'
>;

function encodeConfinement(security: ContainerSecurity): Confinement {
  if (security.privileged)
    return { maskedPaths: [], readonlyPaths: [], seccomp: encodeSeccomp({ type: 'Unconfined' }) };
  return {
    maskedPaths: [...(security.maskedPaths ?? USUAL_MASKED_PATHS)],
    readonlyPaths: [...(security.readonlyPaths ?? USUAL_READONLY_PATHS)],
    seccomp: encodeSeccomp(security.seccomp),
  };
}

function encodeSeccomp(profile: SeccompProfile): MessageInitShape<typeof SecurityProfileSchema> {
  switch (profile.type) {
    case 'RuntimeDefault':
      return { profileType: 0 };
    case 'Unconfined':
      return { profileType: 1 };
    case 'Localhost':
      return { profileType: 2, localhostRef: profile.path };
  }
}

export function decodeContainer(container: ContainerMessage): ContainerSummary {
  return Object.freeze({ ...decodeCommon(container), sandboxId: container.podSandboxId });
}

export function decodeStatus(status: StatusMessage): ContainerStatus {
  const exited = STATES[status.state] === 'Exited';
  const startedAtMs = optionalMillis(status.startedAt);
  return Object.freeze({
    ...decodeCommon(status),
    sandboxId: status.annotations[INTERNAL.sandboxId] ?? '',
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(exited ? { finishedAtMs: millis(status.finishedAt), exitCode: status.exitCode } : {}),
    ...(status.reason === '' ? {} : { reason: status.reason }),
    ...(status.message === '' ? {} : { message: status.message }),
    logPath: status.logPath,
  });
}

function decodeCommon(message: ContainerMessage | StatusMessage): Omit<ContainerSummary, 'sandboxId'> {
  return {
    id: message.id,
    metadata: Object.freeze({ name: message.metadata?.name ?? '', attempt: message.metadata?.attempt ?? 0 }),
    state: STATES[message.state] ?? 'Unknown',
    createdAtMs: millis(message.createdAt),
    image: message.annotations[INTERNAL.userImage] ?? message.image?.image ?? '',
    imageRef: message.imageRef,
    labels: Object.freeze({ ...message.labels }),
    annotations: withoutInternal(message.annotations),
  };
}
