/** A scheduler's configuration as its file has it (kubescheduler.config.k8s.io/v1), once decoded. */
import type { PeerTls } from '#client/https/post-json';
import type { EXTENSION_POINTS } from '#api/schema/scheduler-config-messages';
import type { NodeAffinity, TopologySpreadConstraint } from '#api/types/core-v1';

export type KubeSchedulerConfiguration = {
  readonly parallelism?: number;
  readonly leaderElection?: { readonly leaderElect?: boolean; readonly resourceLock?: string };
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  readonly profiles?: readonly KubeSchedulerProfile[];
  readonly extenders?: readonly ExtenderConfig[];
};

export type KubeSchedulerProfile = {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Plugins;
  readonly pluginConfig?: readonly PluginConfig[];
};

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

export type Plugins = Partial<Readonly<Record<ExtensionPoint | 'multiPoint', PluginSet>>>;

export type PluginSet = {
  readonly enabled?: readonly PluginEntry[];
  readonly disabled?: readonly PluginEntry[];
};

export type PluginEntry = { readonly name: string; readonly weight?: number };

export type PluginConfig = { readonly name: string; readonly args?: unknown };

export type ExtenderConfig = {
  readonly urlPrefix: string;
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly prioritizeVerb?: string;
  readonly weight?: number;
  readonly bindVerb?: string;
  readonly enableHTTPS?: boolean;
  readonly tlsConfig?: PeerTls;
  /** As Go writes durations. */
  readonly httpTimeout?: string;
  readonly nodeCacheCapable?: boolean;
  readonly managedResources?: readonly { readonly name: string; readonly ignoredByScheduler?: boolean }[];
  readonly ignorable?: boolean;
};

export type ResourceSpec = { readonly name: string; readonly weight: number };
export type ShapePoint = { readonly utilization: number; readonly score: number };

export type ScoringStrategy = {
  readonly type?: string;
  readonly resources?: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePoint[] };
};

/** The arguments of the plugins that take some, by plugin. */
export type PluginArgs = {
  readonly DefaultPreemption: {
    readonly minCandidateNodesPercentage: number;
    readonly minCandidateNodesAbsolute: number;
  };
  readonly InterPodAffinity: {
    readonly hardPodAffinityWeight: number;
    readonly ignorePreferredTermsOfExistingPods?: boolean;
  };
  readonly NodeAffinity: { readonly addedAffinity?: NodeAffinity };
  readonly NodeResourcesBalancedAllocation: { readonly resources: readonly ResourceSpec[] };
  readonly NodeResourcesFit: {
    readonly ignoredResources?: readonly string[];
    readonly ignoredResourceGroups?: readonly string[];
    readonly scoringStrategy: ScoringStrategy;
  };
  readonly PodTopologySpread: {
    readonly defaultConstraints?: readonly TopologySpreadConstraint[];
    readonly defaultingType: string;
  };
  readonly VolumeBinding: { readonly bindTimeoutSeconds: number; readonly shape?: readonly ShapePoint[] };
};
