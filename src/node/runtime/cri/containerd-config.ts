/** Writes the configuration of Tutti's own containerd. Pure: paths and facts of the host in, text out. */
import { join } from 'node:path';
import type { HostFacts } from './host-facts.ts';

export type ContainerdPaths = {
  /** What lasts: images and containers. */
  readonly rootDir: string;
  /** What lasts until the machine restarts: sockets, mounts, pids. Short, for it is part of a socket's path. */
  readonly stateDir: string;
  /** Made a shared mount, so that mounts appear on both sides of the container's wall where a pod asks for it. */
  readonly volumesDir: string;
};

export type ContainerdSettings = {
  readonly paths: ContainerdPaths;
  /** Name of the image that holds a sandbox's namespaces open; it has to be present, it is never pulled. */
  readonly sandboxImage: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** A folder of `<registry>/hosts.toml` files; an empty one means the registries' own addresses. */
  readonly registryDir: string;
};

export const CONTAINERD_FILES = {
  socket: 'containerd.sock',
  config: 'config.toml',
  pid: 'containerd.pid',
  log: 'containerd.log',
  mountNamespace: 'mounts/namespace',
  exec: 'exec',
} as const;

export function containerdFile(paths: ContainerdPaths, name: keyof typeof CONTAINERD_FILES): string {
  return join(paths.stateDir, CONTAINERD_FILES[name]);
}

// Log lines longer than this are split and marked as partial.
const LONGEST_LOG_LINE_BYTES = 16_384;
// containerd's own recommendation for itself; only those who may lower scores can have it.
const OOM_SCORE = -999;
const CRI = 'plugins."io.containerd.grpc.v1.cri"';
// Snapshotters for file systems that are not used, and old services: each costs start-up time.
const UNUSED_PLUGINS = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
];

type Value = string | number | boolean | readonly string[];
type Section = readonly [name: string, entries: Readonly<Record<string, Value>>];

export function planContainerdConfig(settings: ContainerdSettings, facts: HostFacts): string {
  const { paths } = settings;
  const sections: readonly Section[] = [
    ['grpc', { address: containerdFile(paths, 'socket') }],
    // Its only reader is a person looking for a fault: every exit of a container is logged as information.
    ['debug', { level: 'warn' }],
    [
      CRI,
      {
        sandbox_image: settings.sandboxImage,
        stream_server_address: '127.0.0.1',
        stream_server_port: '0',
        max_container_log_line_size: LONGEST_LOG_LINE_BYTES,
        restrict_oom_score_adj: !facts.mayLowerOomScore,
        netns_mounts_under_state_dir: true,
        disable_hugetlb_controller: true,
        tolerate_missing_hugetlb_controller: true,
      },
    ],
    [`${CRI}.cni`, { bin_dir: settings.cniBinDir, conf_dir: settings.cniConfDir, max_conf_num: 1 }],
    [`${CRI}.registry`, { config_path: settings.registryDir }],
    [`${CRI}.containerd`, { snapshotter: 'overlayfs', default_runtime_name: facts.handlers[0] ?? 'runc' }],
    ...facts.handlers.flatMap((handler) => planHandler(handler, paths)),
  ];
  const top: Readonly<Record<string, Value>> = {
    version: 2,
    root: paths.rootDir,
    state: join(paths.stateDir, 'state'),
    disabled_plugins: UNUSED_PLUGINS,
    ...(facts.mayLowerOomScore ? { oom_score: OOM_SCORE } : {}),
  };
  return [...lines(top), ...sections.flatMap(([name, entries]) => ['', `[${name}]`, ...lines(entries)]), ''].join('\n');
}

function planHandler(handler: string, paths: ContainerdPaths): readonly Section[] {
  const name = `${CRI}.containerd.runtimes.${handler}`;
  return [
    [name, { runtime_type: 'io.containerd.runc.v2' }],
    [`${name}.options`, { BinaryName: handler, Root: join(paths.stateDir, 'oci', handler), SystemdCgroup: false }],
  ];
}

// JSON's strings, numbers, booleans and lists of strings are TOML's too.
function lines(entries: Readonly<Record<string, Value>>): readonly string[] {
  return Object.entries(entries).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
}
