/** What every kind of node is started with. */
import type { Client } from '#client/client';
import type { Cluster } from '#cli/composition';
import type { Surroundings } from './surroundings.ts';

export const CLUSTER_DOMAIN = 'cluster.local';

export type Nodes = {
  readonly cluster: Cluster;
  /** A client with the rights of the node. */
  readonly clientFor: (nodeName: string) => Promise<Client>;
  /** A client with the rights to read what traffic and names follow from. */
  readonly networkClient: () => Promise<Client>;
  readonly surroundings: Surroundings;
};
