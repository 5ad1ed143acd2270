/** The port to whatever runs containers; `cri` speaks to containerd, `hollow` keeps everything in memory. */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { ContainerConfig, ContainerStatus, ContainerSummary } from './container.ts';
import type { ContainerResources, PodResources } from './isolation.ts';
import type { SandboxConfig, SandboxStatus, SandboxSummary } from './sandbox.ts';

export type RuntimeVersion = { readonly name: string; readonly version: string };

export type RuntimeCondition = {
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
};

export type RuntimeStatus = {
  readonly runtime: RuntimeCondition;
  readonly network: RuntimeCondition;
};

export type ImageInfo = {
  /** Content address, `sha256:…`. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The user the image asks for: a number or a name, neither when it asks for none (root). */
  readonly uid?: number;
  readonly username?: string;
};

export type ImageAuth = {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
};

export type PullRequest = { readonly image: string; readonly auth?: ImageAuth };

export type ContainerRequest = {
  readonly sandboxId: string;
  readonly container: ContainerConfig;
  /** The very config the sandbox was made with. */
  readonly sandbox: SandboxConfig;
};

export type SyncRequest = { readonly command: readonly string[]; readonly timeoutMs: number };

export type SyncResult = {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
};

export type ExecRequest = {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  /** What the terminal has from the first moment on; `resize` comes too late for a process that asks at once. */
  readonly size?: { readonly columns: number; readonly rows: number };
};

export type AttachRequest = {
  /** As the container was made. */
  readonly tty: boolean;
  readonly stdin: boolean;
};

/** A process's streams while somebody looks at it. */
export type StreamSession = {
  /** Ending it is the process's end of file. Absent unless asked for. */
  readonly stdin?: Writable;
  readonly stdout: Readable;
  /** Ends at once under a terminal, where both outputs are one. */
  readonly stderr: Readable;
  /** Without a terminal it does nothing. */
  resize(columns: number, rows: number): Promise<void>;
  /** Exec: the process's exit code. Attach: 0 when the stream ended. Rejects with a `RuntimeError`. */
  readonly exit: Promise<number>;
  /** The looker left: an exec'd process is ended, an attached one lives on. Safe to call twice. */
  close(): Promise<void>;
};

/**
 * What happened, in order, for one subscription. `Relist` comes first, and again whenever events may have been missed.
 * From an `…Exited` event on, `containerStatus` and the lists say so too.
 */
export type RuntimeEvent =
  | { readonly type: 'Relist' }
  | { readonly type: 'ContainerStarted'; readonly id: string; readonly atMs: number }
  | {
      readonly type: 'ContainerExited';
      readonly id: string;
      readonly exitCode: number;
      readonly atMs: number;
    }
  | { readonly type: 'ContainerOutOfMemory'; readonly id: string; readonly atMs: number }
  | { readonly type: 'ContainerRemoved'; readonly id: string; readonly atMs: number }
  | { readonly type: 'SandboxExited'; readonly id: string; readonly atMs: number }
  | { readonly type: 'SandboxRemoved'; readonly id: string; readonly atMs: number };

export type ContainerStats = {
  readonly id: string;
  readonly name: string;
  readonly atMs: number;
  /** CPU time used since the container started. */
  readonly cpuMicros: number;
  readonly memoryUsageBytes: number;
  /** Usage without file pages that can go at once; what `top` and eviction look at. */
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  /** Where the runtime itself knows how fast that is; others only count, and whoever wants a rate reads twice. */
  readonly rate?: { readonly cpuNanoCores: number; readonly runningMs: number };
};

export type SandboxStats = {
  readonly id: string;
  readonly metadata: SandboxSummary['metadata'];
  readonly atMs: number;
  /** The whole pod with its sandbox. */
  readonly cpuMicros: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly network?: { readonly receivedBytes: number; readonly sentBytes: number };
  readonly containers: readonly ContainerStats[];
};

/**
 * Every call rejects with a `RuntimeError`, or with the signal's reason when it was aborted.
 * Stop and remove calls succeed for what is already gone.
 */
export type Runtime = {
  /** Nothing really runs: there are no files, no processes and no network to reach, and who asks must not expect any. */
  readonly simulated?: boolean;
  version(signal?: AbortSignal): Promise<RuntimeVersion>;
  status(signal?: AbortSignal): Promise<RuntimeStatus>;

  /** Resolves with the sandbox's id once its network is up. */
  runPodSandbox(config: SandboxConfig, signal?: AbortSignal): Promise<string>;
  /** Kills what still runs in it and takes its network down. */
  stopPodSandbox(id: string, signal?: AbortSignal): Promise<void>;
  /** Removes its containers and its pod cgroup with it. */
  removePodSandbox(id: string, signal?: AbortSignal): Promise<void>;
  podSandboxStatus(id: string, signal?: AbortSignal): Promise<SandboxStatus>;
  listPodSandboxes(signal?: AbortSignal): Promise<readonly SandboxSummary[]>;
  updatePodResources(id: string, resources: PodResources): Promise<void>;

  createContainer(request: ContainerRequest, signal?: AbortSignal): Promise<string>;
  startContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** Stop signal, then after `graceMs` SIGKILL; resolves when the container has exited. Zero kills at once. */
  stopContainer(id: string, graceMs: number, signal?: AbortSignal): Promise<void>;
  removeContainer(id: string, signal?: AbortSignal): Promise<void>;
  containerStatus(id: string, signal?: AbortSignal): Promise<ContainerStatus>;
  listContainers(signal?: AbortSignal): Promise<readonly ContainerSummary[]>;
  updateContainerResources(id: string, resources: ContainerResources, signal?: AbortSignal): Promise<void>;
  /** Call after the log file was renamed: the runtime opens a new one at the old path. */
  reopenContainerLog(id: string, signal?: AbortSignal): Promise<void>;

  imageStatus(image: string, signal?: AbortSignal): Promise<ImageInfo | undefined>;
  /** Resolves with the image's id. */
  pullImage(request: PullRequest, signal?: AbortSignal): Promise<string>;
  /** Makes the images of an OCI archive (a tar file) present under the names in it; resolves with those names. */
  importImages(archivePath: string, signal?: AbortSignal): Promise<readonly string[]>;
  listImages(signal?: AbortSignal): Promise<readonly ImageInfo[]>;
  /** Removes the image under all of its names. */
  removeImage(image: string, signal?: AbortSignal): Promise<void>;

  /** Rejects with reason `Timeout` when the command does not end in time; it is killed then. */
  execSync(id: string, request: SyncRequest, signal?: AbortSignal): Promise<SyncResult>;
  openExec(id: string, request: ExecRequest, signal?: AbortSignal): Promise<StreamSession>;
  openAttach(id: string, request: AttachRequest, signal?: AbortSignal): Promise<StreamSession>;
  /** A connection to a TCP port on the pod's own localhost. */
  openPort(sandboxId: string, port: number, signal?: AbortSignal): Promise<Duplex>;

  /** Endless until aborted; survives restarts of the runtime. Start it before acting, its first event is `Relist`. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;
  stats(signal?: AbortSignal): Promise<readonly SandboxStats[]>;
};
