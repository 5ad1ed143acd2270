/** Finds what the controller of a pod was asked for; a deployment is asked in place of its replica sets. */
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { ReplicationController } from '#api/core/replication-controller';
import { isApiError } from '#api/errors';
import { controllerOf } from '#api/meta/owner-reference';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition, ResourceType } from '#api/resource';
import type { Pod } from '#api/types/core-v1';
import type { OwnerReference } from '#api/types/meta-v1';
import { errorMessage } from '#base/errors';
import type { Context } from '../framework/controller.ts';
import { ownerOf } from '../ownership/owner-keys.ts';
import type { PodScale } from './plan-expected.ts';

export const SCALED_KINDS = [ReplicationController, ReplicaSet, Deployment, StatefulSet] as const;

/** `kinds`: everything the server knows, for controllers that are none of the usual ones. */
export async function podScale(pod: Pod, kinds: readonly ResourceDefinition[], context: Context): Promise<PodScale> {
  const controller = controllerOf(pod);
  const definition = kinds.find((kind) => isKind(kind, controller));
  if (definition !== undefined && definition.scale === undefined) return { problem: withoutScale(definition) };
  const scale =
    definition === undefined || SCALED_KINDS.some((type) => isKind(type, controller))
      ? knownScale(pod, context)
      : await askedScale(definition, pod, context);
  return scale ?? { problem: `found no controllers for pod ${JSON.stringify(pod.metadata.name)}` };
}

/** Of an owner that is at hand. */
function knownScale(pod: Pod, context: Context): PodScale | undefined {
  const set = ownerOf(ReplicaSet, pod, context);
  if (set !== undefined) {
    return controllerOf(set)?.kind === Deployment.kind
      ? replicasOf(ownerOf(Deployment, set, context))
      : replicasOf(set);
  }
  return replicasOf(ownerOf(StatefulSet, pod, context) ?? ownerOf(ReplicationController, pod, context));
}

function withoutScale({ group, plural }: ResourceType): string {
  return `${group === '' ? plural : `${plural}.${group}`} does not implement the scale subresource`;
}

/** Whatever the version in which it is named. */
function isKind({ group, kind }: ResourceType, reference: OwnerReference | undefined): boolean {
  if (reference === undefined) return false;
  const [ofReference = ''] = reference.apiVersion.includes('/') ? reference.apiVersion.split('/') : [''];
  return kind === reference.kind && group === ofReference;
}

type Scaled = ApiObject & { readonly spec: { readonly replicas?: number } };

function replicasOf(owner: Scaled | undefined): PodScale | undefined {
  return owner && { uid: owner.metadata.uid, replicas: owner.spec.replicas ?? 1 };
}

async function askedScale(type: ResourceType, pod: Pod, { client }: Context): Promise<PodScale | undefined> {
  const { name = '', uid = '' } = controllerOf(pod) ?? {};
  try {
    const { spec } = await client.getScale(type, { namespace: pod.metadata.namespace, name });
    return { uid, replicas: spec.replicas };
  } catch (error) {
    // What cannot be asked allows nothing, whatever was allowed before.
    return isApiError(error, 'NotFound') ? undefined : { problem: errorMessage(error) };
  }
}
