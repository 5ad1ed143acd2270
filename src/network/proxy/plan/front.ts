/** A front: one address and port, or one port of the node, that clients connect to and that leads to endpoints. */

/**
 * Which table of rules a front belongs to. `vips` are known by address and port, `ports` by port alone on any address of the node.
 * The `outer` ones come first for clients outside the cluster: fronts that send those to endpoints of this node only.
 */
export const FRONT_TABLES = ['vips', 'ports', 'outer_vips', 'outer_ports'] as const;
export type FrontTable = (typeof FRONT_TABLES)[number];

/** Names as nftables has them. */
export type TransportProtocol = 'tcp' | 'udp' | 'sctp';

export type Front = {
  readonly table: FrontTable;
  /** Absent in the tables of ports. */
  readonly address?: string;
  readonly protocol: TransportProtocol;
  readonly port: number;
  readonly targets: readonly Target[];
  /** A client keeps its endpoint until it has made no connection for so long; absent: every connection is free to go anywhere. */
  readonly affinitySeconds?: number;
  /** The only sources let in; absent: all. No range lies inside another. */
  readonly sources?: readonly string[];
  /** What a client is told when there are no targets: that nobody is here, or nothing, because other nodes have endpoints. */
  readonly whenEmpty: 'refuse' | 'drop';
};

export type Target = { readonly address: string; readonly port: number };

/** The front's key in its maps. */
export function frontKey({ address, protocol, port }: Front): string {
  return address === undefined ? `${protocol} . ${port}` : `${address} . ${protocol} . ${port}`;
}

/** The front's name among all fronts. */
export function frontName(front: Front): string {
  return `${front.table} ${frontKey(front)}`;
}

export function targetText({ address, port }: Target): string {
  return `${address} . ${port}`;
}

export function transportProtocol(name = 'TCP'): TransportProtocol | undefined {
  const lower = name.toLowerCase();
  return lower === 'tcp' || lower === 'udp' || lower === 'sctp' ? lower : undefined;
}
