/** Where the agent of a node listens, as the node's status tells. */
import { ApiError } from '#api/errors';
import type * as core from '#api/types/core-v1';

export type AgentAddress = { readonly host: string; readonly port: number };

// Names may not resolve here; an address inside the cluster's own network always leads there.
const PREFERRED = ['InternalIP', 'InternalDNS', 'Hostname', 'ExternalDNS', 'ExternalIP'];
const DEFAULT_PORT = 10_250;

export function agentAddress({ metadata, status }: core.Node): AgentAddress {
  const { addresses = [], daemonEndpoints } = status ?? {};
  const found = PREFERRED.map((type) => addresses.find((address) => address.type === type)).find(Boolean);
  if (found === undefined) {
    const message = `no preferred addresses found; known addresses: [] of node ${JSON.stringify(metadata.name)}`;
    throw new ApiError('InternalError', `Internal error occurred: ${message}`);
  }
  return { host: found.address, port: daemonEndpoints?.kubeletEndpoint?.Port || DEFAULT_PORT };
}
