/** Keeps as many pods as a replication controller asks for, in the way of replica sets. */
import type { ReplicaSet } from '#api/apps/replica-set';
import { Pod } from '#api/core/pod';
import { isActive } from '#api/core/pod-state';
import { ReplicationController } from '#api/core/replication-controller';
import type { ReplicaSetStatus } from '#api/types/apps-v1';
import type { PodTemplateSpec } from '#api/types/core-v1';
import type { LabelSelector } from '#api/types/meta-v1';
import { keyOf } from '#client/key';
import { defineController, on } from '../framework/controller.ts';
import { indexedByController, ownerKeys } from '../ownership/owner-keys.ts';
import { keepReplicas, type ReplicaKind } from '../replicaset/keep-replicas.ts';

export const replicationController = defineController({
  name: 'replication-controller',
  reads: [ReplicationController, Pod],
  writes: [ReplicationController, Pod],
  triggers: [
    on(ReplicationController, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(Pod, ownerKeys(ReplicationController, selectorOf)),
    indexedByController(Pod),
  ],
  reconcile: (key, context) => keepReplicas(KIND, key, context),
});

const KIND: ReplicaKind<ReplicationController> = {
  type: ReplicationController,
  selectorOf,
  asSet,
  withStatus: (controller, { terminatingReplicas: _ending, ...status }) => ({ ...controller, status }),
  related: (_controller, pods) => pods.filter(isActive),
};

/** An empty selector is no selector here: it selects nothing. */
function selectorOf({ spec: { selector = {} } }: ReplicationController): LabelSelector | undefined {
  return Object.keys(selector).length === 0 ? undefined : { matchLabels: selector };
}

const NO_TEMPLATE: PodTemplateSpec = { spec: { containers: [] } };
const NO_STATUS: ReplicaSetStatus = { replicas: 0 };

/** Stored ones have selector and template: the server sees to it. */
function asSet(controller: ReplicationController): ReplicaSet {
  const { selector = {}, template = NO_TEMPLATE, ...spec } = controller.spec;
  const { status = NO_STATUS } = controller;
  return { ...controller, spec: { ...spec, selector: { matchLabels: selector }, template }, status };
}
