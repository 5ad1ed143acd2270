/** What users do in a simulated life: steps at fixed moments, whatever goes wrong meanwhile. */
import type { VirtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';

export type Acting = {
  /** Of the administrator, whose requests always arrive. */
  readonly admin: Client;
  readonly world: VirtualWorld;
  /** Ends with the scenario. */
  readonly signal: AbortSignal;
  readonly powerOff: (node: string) => void;
  readonly powerOn: (node: string) => void;
};

export type Step = { readonly atSeconds: number; readonly act: (acting: Acting) => Promise<void> };

export type Scenario = {
  readonly name: string;
  readonly nodes: number;
  /** `control plane`: machines and agents do not fail, so that availability is a promise that can be checked. */
  readonly faults: 'all' | 'control plane';
  readonly steps: readonly Step[];
  /** Kinds that must not fall below or rise above what they promise while only the control plane fails. */
  readonly pledges?: readonly Pledge[];
};

/** At least so many pods with the label are ready from the moment when they first are. */
export type Pledge = { readonly app: string; readonly leastReady: number };
