/** Namespaces, limits and privileges: the words sandboxes and containers share. */

export type NamespaceMode = 'Pod' | 'Container' | 'Node';

/** Absent members are left as they are. */
export type PodResources = {
  readonly cpuShares?: number;
  readonly cpuPeriod?: number;
  /** Microseconds of CPU per period; -1 lifts the limit. */
  readonly cpuQuota?: number;
  /** -1 lifts the limit. */
  readonly memoryLimitBytes?: number;
  readonly pidsLimit?: number;
};

export type ContainerResources = {
  readonly cpuShares?: number;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly memoryLimitBytes?: number;
  readonly memorySwapLimitBytes?: number;
  readonly oomScoreAdj?: number;
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limitBytes: number }[];
};

export type SeccompProfile =
  | { readonly type: 'RuntimeDefault' }
  | { readonly type: 'Unconfined' }
  | { readonly type: 'Localhost'; readonly path: string };

export type ContainerSecurity = {
  readonly privileged: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  /** A name from the image's own user database; used only without `runAsUser`. */
  readonly runAsUsername?: string;
  readonly supplementalGroups: readonly number[];
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly readonlyRootfs: boolean;
  readonly noNewPrivileges: boolean;
  readonly seccomp: SeccompProfile;
  /** Absent: the runtime's usual list; empty: nothing is masked. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** `pid: 'Container'` unless the pod shares its process namespace. */
  readonly pid: NamespaceMode;
  /** Another container of the sandbox, whose process namespace is joined instead. */
  readonly pidOf?: string;
};
