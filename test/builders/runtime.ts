/** Sandboxes and containers for tests of the runtime: ordinary ones, except for what the test says. */
import type { ContainerConfig } from '#node/runtime/container';
import type { ContainerSecurity } from '#node/runtime/isolation';
import type { SandboxConfig } from '#node/runtime/sandbox';

/** `place` says where logs and cgroups of the test belong. */
export function aSandbox(
  name: string,
  place: { readonly logDirectory: string; readonly cgroup: string },
  changes: Partial<SandboxConfig> = {},
): SandboxConfig {
  return {
    metadata: { name, uid: `uid-${name}`, namespace: 'default', attempt: 0 },
    hostname: name,
    logDirectory: place.logDirectory,
    dns: { servers: ['198.18.0.10'], searches: ['default.svc.cluster.local'], options: ['ndots:5'] },
    portMappings: [],
    labels: {},
    annotations: {},
    cgroupParent: `${place.cgroup}/pod-${name}`,
    namespaces: { network: 'Pod', pid: 'Container', ipc: 'Pod' },
    sysctls: {},
    privileged: false,
    supplementalGroups: [],
    ...changes,
  };
}

export function aContainer(name: string, image: string, changes: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    metadata: { name, attempt: 0 },
    image,
    command: ['sleep', '3600'],
    args: [],
    workingDir: '',
    envs: [],
    mounts: [],
    devices: [],
    labels: {},
    annotations: {},
    logPath: `${name}.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: {},
    security: aSecurity(),
    ...changes,
  };
}

export function aSecurity(changes: Partial<ContainerSecurity> = {}): ContainerSecurity {
  return {
    privileged: false,
    supplementalGroups: [],
    addCapabilities: [],
    dropCapabilities: [],
    readonlyRootfs: false,
    noNewPrivileges: false,
    seccomp: { type: 'RuntimeDefault' },
    pid: 'Container',
    ...changes,
  };
}
