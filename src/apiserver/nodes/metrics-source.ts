/** Where the measured load of nodes and pods comes from. */

export type Usage = {
  /** When the window ended, and how long it was. */
  readonly timestampMs: number;
  readonly windowMs: number;
  readonly cpuNanoCores: number;
  readonly memoryWorkingSetBytes: number;
};

export type NodeUsage = Usage & { readonly name: string };

export type ContainerUsage = Usage & { readonly name: string };

export type PodUsage = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly ContainerUsage[];
};

/** Nodes and pods that were not measured lately are left out. */
export interface MetricsSource {
  nodes(): Promise<readonly NodeUsage[]>;
  pods(namespace?: string): Promise<readonly PodUsage[]>;
}
