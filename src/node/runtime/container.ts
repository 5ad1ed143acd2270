/** What a container is made from and what it reports. */
import type { ContainerResources, ContainerSecurity } from './isolation.ts';

export type ContainerMetadata = {
  readonly name: string;
  /** The pod's restart counter for this container name. */
  readonly attempt: number;
};

export type Mount = {
  readonly containerPath: string;
  /** Must exist: a missing source would be made as a directory. */
  readonly hostPath: string;
  readonly readonly: boolean;
  readonly propagation: 'None' | 'HostToContainer' | 'Bidirectional';
};

export type Device = {
  readonly hostPath: string;
  readonly containerPath: string;
  /** Any of `r`, `w`, `m`. */
  readonly permissions: string;
};

export type ContainerConfig = {
  readonly metadata: ContainerMetadata;
  /** What `pullImage` or `imageStatus` gave as `id`, or a name that is present. */
  readonly image: string;
  /** The name as the user wrote it; kept for `containerStatus`. */
  readonly userImage?: string;
  /** Empty: the image's entry point. */
  readonly command: readonly string[];
  /** Empty: the image's arguments, unless `command` is given. */
  readonly args: readonly string[];
  /** Empty: the image's. */
  readonly workingDir: string;
  readonly envs: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Relative to the sandbox's `logDirectory`; its directory must exist. An existing file is appended to. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly resources: ContainerResources;
  readonly security: ContainerSecurity;
  /** From the image or the pod; absent means SIGTERM. Only for the hollow runtime's information: containerd reads the image. */
  readonly stopSignal?: string;
};

export type ContainerState = 'Created' | 'Running' | 'Exited' | 'Unknown';

export type ContainerSummary = {
  readonly id: string;
  readonly sandboxId: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAtMs: number;
  /** The name the container was made with, as the user wrote it. */
  readonly image: string;
  /** What runs: `name@sha256:…` where the runtime knows a digest, else the image's id. */
  readonly imageRef: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type ContainerStatus = ContainerSummary & {
  /** Absent until the container has started. */
  readonly startedAtMs?: number;
  /** These three are present once the container has exited. */
  readonly finishedAtMs?: number;
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, … */
  readonly reason?: string;
  readonly message?: string;
  /** Absolute. */
  readonly logPath: string;
};
