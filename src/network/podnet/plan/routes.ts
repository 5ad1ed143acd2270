/** The addresses and routes a node needs, as lines for `ip -batch`. */

export type NodeRoutes = {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly nodeIp: string;
  readonly dnsIp: string;
};

/** Lines that may be run again at any time: each replaces what is there. */
export function planRoutes({ podCidr, serviceCidr, nodeIp, dnsIp }: NodeRoutes): readonly string[] {
  return [
    // The DNS server binds here, so that no translation stands between it and the pods.
    `address replace ${dnsIp}/32 dev lo`,
    // Pods have a more specific route each; whoever is gone is answered for here instead of by a router outside.
    `route replace unreachable ${podCidr}`,
    // Packets of the machine itself are routed before they are translated. This route lets them come that far and gives them
    // a source that pods can answer; what nothing translates is refused before it goes round the loop.
    `route replace ${serviceCidr} dev lo scope link src ${sourceAddress(nodeIp, dnsIp)}`,
  ];
}

/** Undoes `planRoutes`. */
export function planRouteRemoval({ podCidr, serviceCidr, dnsIp }: Omit<NodeRoutes, 'nodeIp'>): readonly string[] {
  return [
    `route delete ${serviceCidr} dev lo`,
    `route delete unreachable ${podCidr}`,
    `address delete ${dnsIp}/32 dev lo`,
  ];
}

// Behind every other route to the same range: what the machine itself has there goes first.
const LAST = 4_294_967_294;

/** Ranges of service addresses beside the cluster's own. */
export function planRangeRoutes(
  ranges: readonly string[],
  { nodeIp, dnsIp }: Pick<NodeRoutes, 'nodeIp' | 'dnsIp'>,
): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  const place = `dev lo metric ${LAST}`;
  const source = sourceAddress(nodeIp, dnsIp);
  return {
    add: ranges.map((range) => `route replace ${range} ${place} scope link src ${source}`),
    remove: ranges.map((range) => `route delete ${range} ${place}`),
  };
}

// A machine without a network has only 127.0.0.1, and no pod can answer that.
function sourceAddress(nodeIp: string, dnsIp: string): string {
  return nodeIp.startsWith('127.') ? dnsIp : nodeIp;
}
