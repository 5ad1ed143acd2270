/** Tells the API where a pod goes, after its volumes are bound to that place. */
import { Pod } from '#api/core/pod';
import { refOf } from '#api/object';
import type { Node } from '#api/types/core-v1';
import type { Client } from '#client/client';
import type { PodVolumes } from './volumes/plan-volumes.ts';
import type { VolumeBinder } from './volumes/volume-binder.ts';

export type Binding = { readonly pod: Pod; readonly node: Node; readonly volumes: PodVolumes | undefined };

/** Says that the pod is on the node: the API itself, unless somebody else does it. */
export type Bind = (pod: Pod, nodeName: string) => Promise<void>;

export async function bindPod({ pod, node, volumes }: Binding, binder: VolumeBinder, bind: Bind): Promise<void> {
  if (volumes !== undefined) await binder.bind(volumes, node);
  await bind(pod, node.metadata.name);
}

export function bindThrough(client: Client): Bind {
  return async (pod, nodeName) => {
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
