/** Reads the cluster that a simulation copies from a running API server, which may be any Kubernetes. */
import { isApiError } from '#api/errors';
import { KINDS } from '#api/kinds';
import type { ApiObject } from '#api/object';
import { errorMessage } from '#base/errors';
import type { World } from '#base/world';
import { CommandError } from '#cli/exit';
import { type HttpsClient, httpsClient } from '#client/https/https-client';
import { loadKubeconfig } from '#client/https/kubeconfig';
import { objectKey } from '#apiserver/registry/keys';
import { isSimulated } from './plan-simulated-store.ts';

type Stored = readonly [key: string, object: ApiObject];

export async function readServer(kubeconfig: string, world: World, signal: AbortSignal): Promise<readonly Stored[]> {
  try {
    using client = httpsClient({ ...(await loadKubeconfig(kubeconfig)), world });
    return await readAll(client, signal);
  } catch (cause) {
    throw new CommandError(2, `Cannot read a cluster from ${kubeconfig}: ${errorMessage(cause)}`, { cause });
  }
}

async function readAll(client: HttpsClient, signal: AbortSignal): Promise<readonly Stored[]> {
  const stored: Stored[] = [];
  const forbidden: string[] = [];
  let why = '';
  // What is left out is not asked for either: its reader needs no right to it.
  for (const kind of KINDS.filter(isSimulated)) {
    try {
      const { items } = await client.list(kind, { signal });
      for (const item of items) {
        const object = { ...item, apiVersion: kind.apiVersion, kind: kind.kind };
        stored.push([objectKey(kind, object.metadata), object]);
      }
    } catch (error) {
      // All that is missing is told at once, so that it can be granted at once.
      if (isApiError(error, 'Forbidden')) {
        forbidden.push(kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`);
        why ||= error.message;
      } else if (!isApiError(error, 'NotFound', 'MethodNotAllowed')) throw error; // another system need not have every kind
    }
  }
  if (forbidden.length === 0) return stored;
  throw new Error(`its user may not list ${forbidden.join(', ')}: ${why}`);
}
