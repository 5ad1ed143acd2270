/** Tells the API where a pod goes, after its claims say what it gets there. */
import { Pod } from '#api/core/pod';
import { refOf } from '#api/object';
import type { Client } from '#client/client';
import type { Extenders } from './extenders/extenders.ts';
import type { ClaimBinder, Held } from './claims.ts';

export type Binding = { readonly pod: Pod; readonly held: Held };

/** Says that the pod is on the node: the API itself, unless somebody else does it. */
export type Bind = (pod: Pod, nodeName: string) => Promise<void>;

export async function bindPod({ pod, held }: Binding, binder: ClaimBinder, bind: Bind): Promise<void> {
  await binder.bind(held);
  await bind(pod, held.node.metadata.name);
}

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
