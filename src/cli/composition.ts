/** What the commands need from the place where the parts meet. */
import type { DataDir } from './data-dir.ts';
import type { AskedSettings, Settings } from './settings.ts';

export type Cluster = { readonly dir: DataDir; readonly settings: Settings };

export type Parts = 'all' | 'server' | 'agent';

export type ImageRequest = {
  /** Image names for a build, archive paths for an import. */
  readonly wanted: readonly string[];
  readonly onStep: (text: string) => void;
  readonly signal: AbortSignal;
};

export type SimulationRequest = {
  /** The file of the scenario. */
  readonly scenario: string;
  /** A kubeconfig, a data directory, a copy of its database, or manifests; an empty cluster unless given. */
  readonly from: string | undefined;
  readonly seed: number;
  readonly onStep: (text: string) => void;
  readonly onDetail: (text: string) => void;
  readonly signal: AbortSignal;
};

export interface Composition {
  readonly version: string;
  /** The Kubernetes release whose API is spoken, such as `v1.34.0`. */
  readonly kubernetesVersion: string;
  /** Settings for a new cluster on this machine: what was asked for, the rest chosen so that clusters do not meet. */
  decideSettings(asked: AskedSettings): Promise<Settings>;
  /** What the runtime needs and this machine lacks, in words; empty when it can run. */
  missingFor(settings: Pick<Settings, 'runtime'>): Promise<readonly string[]>;
  /** Why nothing can listen at this address now; undefined when something can. */
  whyNotListen(listen: string): Promise<string | undefined>;
  /** What is wrong with a scheduler's configuration; undefined when it can be used. */
  whyNotSchedulerConfig(text: string): Promise<string | undefined>;
  /** Runs the parts in this process until `signal` aborts. */
  run(cluster: Cluster, parts: Parts, signal: AbortSignal): Promise<void>;
  /** Assembles images from Debian packages by their recipes and makes them present on the node; resolves with their names. */
  buildImages(cluster: Cluster, request: ImageRequest): Promise<readonly string[]>;
  /** Makes the images of OCI archives present on the node; resolves with their names. */
  importImages(cluster: Cluster, request: ImageRequest): Promise<readonly string[]>;
  /** Stops the containers of a cluster whose process has ended, and takes down what it set up outside its data directory. */
  stopNode(
    cluster: Cluster,
    stopping: { readonly onStep: (text: string) => void; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Plays a scenario through in a simulated copy of a cluster; resolves with the report in both forms. */
  simulate(request: SimulationRequest): Promise<{ readonly text: string; readonly json: string }>;
  /** The kubectl that development installs bring. Fails when it is not installed. */
  pinnedKubectl(): Promise<string>;
  /** Removes the data directory with everything mounted in it. */
  removeData(cluster: Cluster): Promise<void>;
}
