/** Sandboxes between our words and the protocol's. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PortMapping, SandboxConfig, SandboxState, SandboxSummary } from '../sandbox.ts';
import type { PodSandbox, PodSandboxConfigSchema, PodSandboxStatus } from './generated/cri_pb.ts';
import { INTERNAL, withoutInternal } from './internal-annotations.ts';
import { int64, millis } from './numbers.ts';

export const NAMESPACE_CODES = { Pod: 0, Container: 1, Node: 2, Target: 3 } as const;
const PROTOCOL_CODES = { TCP: 0, UDP: 1, SCTP: 2 } as const;
const READY = 0;

export function encodeSandbox(config: SandboxConfig): MessageInitShape<typeof PodSandboxConfigSchema> {
  const { namespaces } = config;
  return {
    metadata: config.metadata,
    hostname: config.hostname,
    logDirectory: config.logDirectory,
    ...(config.dns === undefined
      ? {}
      : {
          dnsConfig: {
            servers: [...config.dns.servers],
            searches: [...config.dns.searches],
            options: [...config.dns.options],
          },
        }),
    portMappings: config.portMappings.map(encodePort),
    labels: config.labels,
    annotations: { ...config.annotations, [INTERNAL.cgroupParent]: config.cgroupParent },
    linux: {
      cgroupParent: config.cgroupParent,
      sysctls: config.sysctls,
      securityContext: {
        namespaceOptions: {
          network: NAMESPACE_CODES[namespaces.network],
          pid: NAMESPACE_CODES[namespaces.pid],
          ipc: NAMESPACE_CODES[namespaces.ipc],
        },
        privileged: config.privileged,
        readonlyRootfs: config.readonlyRootfs ?? false,
        supplementalGroups: config.supplementalGroups.map(int64),
        ...(config.runAsUser === undefined ? {} : { runAsUser: { value: int64(config.runAsUser) } }),
        ...(config.runAsGroup === undefined ? {} : { runAsGroup: { value: int64(config.runAsGroup) } }),
        seccomp: { profileType: 0 },
      },
    },
  };
}

function encodePort(port: PortMapping): { protocol: number; containerPort: number; hostPort: number; hostIp: string } {
  return {
    protocol: PROTOCOL_CODES[port.protocol],
    containerPort: port.containerPort,
    hostPort: port.hostPort,
    hostIp: port.hostIp ?? '',
  };
}

export function decodeSandbox(sandbox: PodSandbox | PodSandboxStatus): SandboxSummary {
  const { metadata } = sandbox;
  return Object.freeze({
    id: sandbox.id,
    metadata: Object.freeze({
      name: metadata?.name ?? '',
      uid: metadata?.uid ?? '',
      namespace: metadata?.namespace ?? '',
      attempt: metadata?.attempt ?? 0,
    }),
    state: decodeState(sandbox.state),
    createdAtMs: millis(sandbox.createdAt),
    labels: Object.freeze({ ...sandbox.labels }),
    annotations: withoutInternal(sandbox.annotations),
  });
}

export function cgroupParentOf(sandbox: PodSandbox | PodSandboxStatus): string | undefined {
  return sandbox.annotations[INTERNAL.cgroupParent];
}

function decodeState(code: number): SandboxState {
  return code === READY ? 'Ready' : 'NotReady';
}

export function decodeIps(status: PodSandboxStatus): readonly string[] {
  const all = [status.network?.ip ?? '', ...(status.network?.additionalIps ?? []).map(({ ip }) => ip)];
  return Object.freeze(all.filter((ip) => ip !== ''));
}

/** The first process of the sandbox, from the verbose part of its status; undefined once it is gone. */
export function decodeSandboxPid(info: Readonly<Record<string, string>>): number | undefined {
  const parsed: unknown = JSON.parse(info['info'] ?? '{}');
  if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed)) return undefined;
  return typeof parsed.pid === 'number' && parsed.pid > 0 ? parsed.pid : undefined;
}
