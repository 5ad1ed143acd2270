/** What a benchmark is: named workloads measured in one run together with the floor or peer they are compared with. */

/** Of one operation, in milliseconds. */
export type Spread = { readonly min: number; readonly p50: number; readonly p99: number };

/** A limit that a figure, its ratio to the reference, or its 99th percentile has to keep. */
export type Target = {
  readonly of: 'figure' | 'ratio' | 'p99';
  readonly keep: 'at least' | 'at most';
  readonly limit: number;
};

export type Measurement = {
  readonly workload: string;
  readonly figure: number;
  readonly unit: string;
  readonly spread?: Spread;
  /** The floor or peer, in the same unit. */
  readonly reference?: { readonly name: string; readonly figure: number };
  readonly targets?: readonly Target[];
};

export type Scale = 'full' | 'quick';

export type BenchContext = {
  readonly scale: Scale;
  /** A temporary folder of the suite's own, removed after it. */
  readonly folder: string;
  /** Says what is measured now. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
};

export type Suite = {
  readonly name: string;
  readonly description: string;
  /** Containers need root and the Debian packages; such a suite runs in a network namespace made for it. */
  readonly needs: 'nothing' | 'containers';
  readonly run: (context: BenchContext) => Promise<readonly Measurement[]>;
};
