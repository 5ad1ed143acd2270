/** The Node object of this machine: made once, then only its labels and its status are kept true. */
import { isDeepStrictEqual } from 'node:util';
import { Node } from '#api/core/node';
import { isApiError } from '#api/errors';
import type { NodeStatus, Taint } from '#api/types/core-v1';
import type { Client } from '#client/client';
import { withoutHeartbeat } from './plan-node-status.ts';

export type NodeIdentity = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly podCidr: string;
  readonly taints: readonly Taint[];
};

export type WriteNode = {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** When the status was written last, although nothing may have changed since. */
  readonly lastWrittenMs: number;
  readonly now: number;
};

// Upstream's figure: a status that stays the same is told again this rarely; the lease tells that the node lives.
const SAME_STATUS_MS = 300_000;

/** `before`: the status it had; absent for a node that was not there. */
export type Registered = { readonly node: Node; readonly before?: NodeStatus | undefined };

/** Creates the node or makes an existing one ours. */
export async function registerNode(
  identity: NodeIdentity,
  status: NodeStatus,
  { client, signal }: WriteNode,
): Promise<Registered> {
  const { name, labels, annotations = {}, podCidr, taints } = identity;
  try {
    const spec = { podCIDR: podCidr, podCIDRs: [podCidr], ...(taints.length === 0 ? {} : { taints }) };
    const made = await client.create(Node, { metadata: { name, labels, annotations }, spec, status }, { signal });
    // Where the server drops the status of what is being created, it is written now.
    if (isDeepStrictEqual(withoutHeartbeat(made.status), withoutHeartbeat(status))) return { node: made };
    return { node: await client.update(Node, { ...made, status }, { subresource: 'status', signal }) };
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists', 'Conflict')) throw error;
  }
  const known = await client.get(Node, { name }, { signal });
  const node = await adopt(known, identity, { client, signal });
  // What it becomes is told with its first status of this life.
  return { node, before: node.status };
}

async function adopt(
  known: Node,
  { labels, annotations, podCidr }: NodeIdentity,
  { client, signal }: Pick<WriteNode, 'client' | 'signal'>,
): Promise<Node> {
  const spec = known.spec.podCIDR === undefined ? { ...known.spec, podCIDR: podCidr, podCIDRs: [podCidr] } : known.spec;
  const metadata = {
    ...known.metadata,
    labels: { ...known.metadata.labels, ...labels },
    ...(annotations === undefined ? {} : { annotations: { ...known.metadata.annotations, ...annotations } }),
  };
  const node = { ...known, metadata, spec };
  return isDeepStrictEqual(node, known) ? known : await client.update(Node, node, { signal });
}

/** The node as it is now; written only when its status differs, or was not told for long. */
export async function writeNodeStatus(
  { name }: Pick<NodeIdentity, 'name'>,
  plan: (old: NodeStatus | undefined) => NodeStatus,
  { client, signal, lastWrittenMs, now }: WriteNode,
): Promise<Registered & { readonly written: boolean }> {
  const node = await client.get(Node, { name }, { signal });
  const status = plan(node.status);
  const same = isDeepStrictEqual(withoutHeartbeat(status), withoutHeartbeat(node.status));
  const before = node.status;
  if (same && now - lastWrittenMs < SAME_STATUS_MS) return { node, before, written: false };
  const written = await client.update(Node, { ...node, status }, { subresource: 'status', signal });
  return { node: written, before, written: true };
}
