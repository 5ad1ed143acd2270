/** Tells the API where a pod goes: by itself, or through the extender that does so. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { refOf } from '#api/object';
import type { Client } from '#client/client';
import type { Extenders } from './extenders/extenders.ts';

/** Says that the pod is on the node. */
export type Bind = (pod: Pod, nodeName: string) => Promise<void>;

export function bindThrough(client: Client, extenders: Extenders): Bind {
  return async (pod, nodeName) => {
    const extender = extenders.binderOf(pod);
    if (extender !== undefined) return await extender.bind(pod, nodeName);
    const { uid, name, namespace } = pod.metadata;
    await client.createSubresource(Pod, {
      ref: refOf(pod),
      subresource: 'binding',
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
      },
    });
  };
}

/** What was to be written about is gone, or another than was thought: the informer is about to tell. */
export function isOutdated(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (isApiError(at, 'NotFound', 'Conflict')) return true;
  return false;
}
