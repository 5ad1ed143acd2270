/** What a node and its containers use: the answer to `GET /metrics/usage`. */

/** What a rate looks back on: long enough that a burst does not look like a load, short enough that a load is seen soon. */
export const WINDOW_MS = 15_000;

export type Usage = {
  /** When the last reading was made, and how far before it the first one that counts. */
  readonly timestampMs: number;
  readonly windowMs: number;
  readonly cpuNanoCores: number;
  readonly memoryWorkingSetBytes: number;
};

export type ContainerUsage = Usage & { readonly name: string };

export type PodUsage = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly ContainerUsage[];
};

export type NodeUsage = { readonly node?: Usage; readonly pods: readonly PodUsage[] };

/** A reading of counters that only grow and of what is used now. */
export type Reading = { readonly atMs: number; readonly cpuMicros: number; readonly memoryWorkingSetBytes: number };
