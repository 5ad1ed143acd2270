/** What a pod sandbox is made from and what it reports: the pod's shared namespaces, network and cgroup. */
import type { NamespaceMode, PodResources } from './isolation.ts';

export type SandboxMetadata = {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  /** Rises each time the pod's sandbox is made anew; two live sandboxes never share all four values. */
  readonly attempt: number;
};

export type DnsConfig = {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
};

export type PortMapping = {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp?: string;
};

export type SandboxConfig = {
  readonly metadata: SandboxMetadata;
  /** Empty under the host's network. */
  readonly hostname: string;
  /** Absolute directory; the containers' `logPath` is relative to it. */
  readonly logDirectory: string;
  /** Without it the runtime copies the host's resolver file into the pod. */
  readonly dns?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absolute cgroup path such as `/tutti/<node>/burstable/pod<uid>`; made by the runtime, removed with the sandbox. */
  readonly cgroupParent: string;
  /** Limits of the pod as a whole, on `cgroupParent`. */
  readonly resources?: PodResources;
  readonly namespaces: {
    readonly network: 'Pod' | 'Node';
    readonly pid: NamespaceMode;
    readonly ipc: 'Pod' | 'Node';
  };
  readonly sysctls: Readonly<Record<string, string>>;
  /** Needed as soon as one of the pod's containers is privileged. */
  readonly privileged: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly readonlyRootfs?: boolean;
  /** Name of a runtime handler such as `runc` or `crun`; absent means the default. */
  readonly runtimeHandler?: string;
};

export type SandboxState = 'Ready' | 'NotReady';

export type SandboxSummary = {
  readonly id: string;
  readonly metadata: SandboxMetadata;
  readonly state: SandboxState;
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type SandboxStatus = SandboxSummary & {
  /** The pod's addresses, the primary one first; empty under the host's network. */
  readonly ips: readonly string[];
  /** Path that opens the pod's network namespace, while the sandbox is ready and has one of its own. */
  readonly netnsPath?: string;
};
