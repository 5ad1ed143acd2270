/** The CNI configuration with which the runtime wires a node's pods: a routed veth pair each, addresses from the node's range. */
import { join } from 'node:path';

export type PodWiring = {
  readonly clusterId: string;
  readonly nodePodCidr: string;
  /** Where the address plugin keeps what it gave out. */
  readonly dataDir: string;
  /** The largest packet of the machine's own link: a pod must not send larger ones. */
  readonly mtu: number;
};

export type ConfigFile = { readonly name: string; readonly content: string };

/** The name under which plugins and the runtime keep this cluster's state. */
export function cniNetworkName(clusterId: string): string {
  return `tutti-${clusterId}`;
}

export function addressStateDir(dataDir: string): string {
  return join(dataDir, 'cni');
}

/** Host ports are rules of our own (the plugin would leave chains behind), so there is no port plugin here. */
export function planConflist({ clusterId, nodePodCidr, dataDir, mtu }: PodWiring): ConfigFile {
  const network = {
    cniVersion: '1.0.0',
    name: cniNetworkName(clusterId),
    plugins: [
      {
        type: 'ptp',
        ipMasq: false, // packets that leave the cluster are masqueraded by our own table
        mtu,
        ipam: {
          type: 'host-local',
          dataDir: addressStateDir(dataDir),
          ranges: [[{ subnet: nodePodCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
  return { name: `10-tutti-${clusterId}.conflist`, content: `${JSON.stringify(network, undefined, 2)}\n` };
}
