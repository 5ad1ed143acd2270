/** What a simulation needs of the cluster that it runs in: real parts on virtual time, put together elsewhere. */
import type { VirtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';

export type SimulatedNode = {
  readonly name: string;
  readonly milliCores: number;
  readonly memoryBytes: number;
  readonly pods: number;
  readonly labels: Readonly<Record<string, string>>;
};

export interface SimulatedCluster {
  readonly world: VirtualWorld;
  /** Of an administrator. */
  readonly client: Client;
  /** Resolves when it is registered. */
  addNode(node: SimulatedNode): Promise<void>;
  /** Without power: what ran on it is gone. */
  powerOff(name: string): void;
  powerOn(name: string): void;
}
