/** Finds what a request to a running pod needs: the pod, and the agent of its node. */
import { badRequestError } from '#api/errors';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import type { Store } from '#store/store';
import { storedObject } from '../registry/list.ts';
import { type AgentAddress, agentAddress } from './agent-address.ts';

type PodRef = { readonly namespace?: string | undefined; readonly name: string };

export function findPod(store: Store, ref: PodRef): core.Pod {
  return storedObject({ store }, Pod as unknown as ResourceDefinition, ref) as core.Pod;
}

export function findNode(store: Store, name: string): core.Node {
  return storedObject({ store }, Node as unknown as ResourceDefinition, { name }) as core.Node;
}

export function agentOf(store: Store, { metadata, spec }: core.Pod): AgentAddress {
  const node = spec?.nodeName ?? '';
  if (node === '') throw badRequestError(`pod ${metadata.name} does not have a host assigned`);
  return agentAddress(findNode(store, node));
}
