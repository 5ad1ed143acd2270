/** The node's sign of life: a lease that it renews. */
import { Lease } from '#api/coordination/lease';
import type { Node } from '#api/core/node';
import { isApiError } from '#api/errors';
import { formatMicroTime } from '#api/meta/time';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';

export type NodeLeaseOptions = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  readonly node: Node;
  readonly signal: AbortSignal;
  readonly renewMs?: number;
};

const NAMESPACE = 'kube-node-lease';
const DURATION_SECONDS = 40;
const RENEW_MS = 10_000;
const RETRY_MS = 1_000;

/** Until the signal aborts. */
export async function runNodeLease(options: NodeLeaseOptions): Promise<void> {
  const { world, signal, logger, renewMs = RENEW_MS } = options;
  let lease: Lease | undefined;
  while (!signal.aborted) {
    let waitMs = renewMs;
    try {
      lease = await renew(lease, options);
    } catch (error) {
      if (signal.aborted) return;
      lease = undefined;
      waitMs = RETRY_MS;
      logger.warn('cannot renew the lease of the node', { error: asError(error) });
    }
    await world.clock.sleep(waitMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function renew(known: Lease | undefined, options: NodeLeaseOptions): Promise<Lease> {
  const { client, node, signal } = options;
  const { name } = node.metadata;
  const lease = known ?? (await find(options));
  if (lease === undefined) return await client.create(Lease, leaseOf(options), { signal });
  const spec = { ...lease.spec, ...renewalOf(options) };
  try {
    return await client.update(Lease, { ...lease, spec }, { signal });
  } catch (error) {
    if (!isApiError(error, 'Conflict')) throw error;
    const fresh = await client.get(Lease, { namespace: NAMESPACE, name }, { signal });
    return await client.update(Lease, { ...fresh, spec: { ...fresh.spec, ...spec } }, { signal });
  }
}

async function find({ client, node, signal }: NodeLeaseOptions): Promise<Lease | undefined> {
  try {
    return await client.get(Lease, { namespace: NAMESPACE, name: node.metadata.name }, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

function leaseOf(options: NodeLeaseOptions) {
  const { name, uid } = options.node.metadata;
  return {
    metadata: { name, namespace: NAMESPACE, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
    spec: renewalOf(options),
  };
}

function renewalOf({ node, world }: NodeLeaseOptions) {
  return {
    holderIdentity: node.metadata.name,
    leaseDurationSeconds: DURATION_SECONDS,
    renewTime: formatMicroTime(world.clock.now()),
  };
}
