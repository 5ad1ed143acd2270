/** What the runtime is told to make a pod's sandbox from. */
import type { Pod } from '#api/core/pod';
import type { QosClass } from '#api/core/qos';
import type { Container, PodSpec } from '#api/types/core-v1';
import { present } from '../plan/present.ts';
import type { NamespaceMode } from '../../runtime/isolation.ts';
import type { PortMapping, SandboxConfig } from '../../runtime/sandbox.ts';
import { podResources } from './cgroup-resources.ts';
import { podDns, type DnsSources } from './pod-dns.ts';
import { podHostname } from './pod-hostname.ts';
import type { PodPaths } from './pod-paths.ts';
import { POD_GRACE_PERIOD, podLabels } from './runtime-labels.ts';
import { groupsOf } from './security.ts';

export type SandboxInput = {
  readonly pod: Pod;
  readonly attempt: number;
  readonly qos: QosClass;
  readonly paths: PodPaths;
  /** Absolute; the pods' cgroups are below it. */
  readonly cgroupRoot: string;
  readonly dns: DnsSources;
};

const DEFAULT_GRACE_SECONDS = 30;

export function sandboxConfig({ pod, attempt, qos, paths, cgroupRoot, dns }: SandboxInput): SandboxConfig {
  const { metadata, spec } = pod;
  const onHostNetwork = spec.hostNetwork === true;
  const security = spec.securityContext ?? {};
  return {
    metadata: { name: metadata.name, uid: metadata.uid, namespace: metadata.namespace ?? '', attempt },
    hostname: onHostNetwork ? '' : podHostname(pod, dns.clusterDomain).hostname,
    logDirectory: paths.logs,
    dns: podDns(pod, dns),
    portMappings: onHostNetwork ? [] : portMappings(pod),
    labels: podLabels(pod),
    annotations: annotationsOf(pod),
    cgroupParent: podCgroup(cgroupRoot, qos, metadata.uid),
    resources: podResources(pod),
    namespaces: {
      network: onHostNetwork ? 'Node' : 'Pod',
      pid: pidMode(pod),
      ipc: spec.hostIPC === true ? 'Node' : 'Pod',
    },
    sysctls: sysctlsOf(security),
    privileged:
      isPrivileged(spec.containers) || isPrivileged(spec.initContainers) || isPrivileged(spec.ephemeralContainers),
    ...present({
      runAsUser: security.runAsUser,
      runAsGroup: security.runAsGroup,
    }),
    supplementalGroups: groupsOf(pod),
  };
}

function podCgroup(root: string, qos: QosClass, uid: string): string {
  const pod = `pod${uid}`;
  return qos === 'Guaranteed' ? `${root}/${pod}` : `${root}/${qos.toLowerCase()}/${pod}`;
}

type Annotations = Readonly<Record<string, string>>;

// Nearly all pods have the same grace period and no annotations: one object for all.
let latest: { readonly seconds: number; readonly annotations: Annotations } | undefined;

function annotationsOf({ metadata, spec }: Pod): Annotations {
  const seconds = spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  if (metadata.annotations !== undefined) return { ...metadata.annotations, [POD_GRACE_PERIOD]: String(seconds) };
  if (latest?.seconds !== seconds) latest = { seconds, annotations: { [POD_GRACE_PERIOD]: String(seconds) } };
  return latest.annotations;
}

type Sysctls = NonNullable<PodSpec['securityContext']>['sysctls'];

const NO_SYSCTLS: Readonly<Record<string, string>> = {};

function sysctlsOf({ sysctls }: { readonly sysctls?: Sysctls }): Readonly<Record<string, string>> {
  return sysctls === undefined ? NO_SYSCTLS : Object.fromEntries(sysctls.map(({ name, value }) => [name, value]));
}

function isPrivileged(containers: readonly Container[] | undefined): boolean {
  return containers?.some(({ securityContext }) => securityContext?.privileged === true) === true;
}

function pidMode({ spec }: Pod): NamespaceMode {
  if (spec.hostPID === true) return 'Node';
  return spec.shareProcessNamespace === true ? 'Pod' : 'Container';
}

function portMappings({ spec }: Pod): readonly PortMapping[] {
  const mappings: PortMapping[] = [];
  // Init containers run alone and are gone by the time the others serve.
  for (const each of spec.initContainers ?? NONE) if (each.restartPolicy === 'Always') addPorts(mappings, each);
  for (const each of spec.containers) addPorts(mappings, each);
  return mappings;
}

const NONE: readonly Container[] = [];

function addPorts(mappings: PortMapping[], { ports }: Container): void {
  if (ports === undefined) return;
  for (const { hostPort, hostIP, containerPort, protocol = 'TCP' } of ports) {
    if (hostPort === undefined || hostPort === 0) continue;
    const mapping = { protocol: protocol as PortMapping['protocol'], containerPort, hostPort };
    mappings.push(hostIP === undefined ? mapping : { ...mapping, hostIp: hostIP });
  }
}
