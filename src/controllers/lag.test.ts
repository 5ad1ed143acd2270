import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonSet } from '#api/apps/daemon-set';
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { CronJob } from '#api/batch/cron-job';
import { Job } from '#api/batch/job';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { ReplicationController } from '#api/core/replication-controller';
import { Service } from '#api/core/service';
import { ResourceClaimTemplate } from '#api/resource/resource-claim-template';
import type { ApiObject, Unsaved } from '#api/object';
import type { ResourceType } from '#api/resource';
import { createEventRecorder } from '#client/event-recorder';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aLaggingLine } from '#test/builders/lagging-line';
import { aTemplate } from '#test/builders/workloads';
import { cronJob } from './cron-job/controller.ts';
import { daemonSet } from './daemon-set/controller.ts';
import { deployment } from './deployment/controller.ts';
import { endpointSlice } from './endpoint-slice/controller.ts';
import { endpoints } from './endpoints/controller.ts';
import { ephemeralVolume } from './ephemeral-volume/controller.ts';
import type { Controller } from './framework/controller.ts';
import { runController } from './framework/run-controller.ts';
import { job } from './job/controller.ts';
import { unlessMissing } from './ownership/claim.ts';
import { podGarbage } from './pod-garbage/controller.ts';
import { replicaSet } from './replicaset/controller.ts';
import { replicationController } from './replication-controller/controller.ts';
import { resourceClaim } from './resource-claim/controller.ts';
import { statefulSet } from './stateful-set/controller.ts';
import { taintEviction } from './taint-eviction/controller.ts';

const LAG_MS = 4_000;
const ref = { namespace: 'default', name: 'web' };
const selector = { matchLabels: { app: 'web' } };
const template = aTemplate();
const taskTemplate = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
const volumeClaimTemplates = [
  {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
];

const SERVICE = { selector: { app: 'web' }, ports: [{ port: 80 }] };

type Prepared = { readonly type: ResourceType; readonly object: object };

type Case = {
  readonly controller: Controller;
  readonly type: ResourceType;
  readonly spec: object;
  /** What is there before. */
  readonly before?: readonly Prepared[];
  readonly smaller?: object;
  /** What was made and removed, by the kind. */
  readonly asked: Readonly<Record<string, number>>;
};

const CASES: readonly Case[] = [
  {
    controller: deployment(),
    type: Deployment,
    spec: { replicas: 5, selector, template },
    asked: { 'create replicasets': 1 },
  },
  {
    controller: replicaSet,
    type: ReplicaSet,
    spec: { replicas: 5, selector, template },
    smaller: { replicas: 2 },
    asked: { 'create pods': 5, 'delete pods': 3 },
  },
  {
    controller: replicationController,
    type: ReplicationController,
    spec: { replicas: 5, selector: { app: 'web' }, template },
    smaller: { replicas: 2 },
    asked: { 'create pods': 5, 'delete pods': 3 },
  },
  {
    controller: statefulSet,
    type: StatefulSet,
    spec: { replicas: 5, selector, template, podManagementPolicy: 'Parallel', volumeClaimTemplates },
    smaller: { replicas: 2 },
    asked: {
      'create controllerrevisions': 1,
      'create persistentvolumeclaims': 5,
      'create pods': 5,
      'delete pods': 3,
    },
  },
  {
    controller: daemonSet(),
    type: DaemonSet,
    spec: { selector, template },
    asked: { 'create controllerrevisions': 1, 'create pods': 5 },
  },
  {
    controller: job(),
    type: Job,
    spec: { parallelism: 5, completions: 10, template: taskTemplate },
    smaller: { parallelism: 2 },
    asked: { 'create pods': 5, 'delete pods': 3 },
  },
  {
    controller: cronJob(),
    type: CronJob,
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: taskTemplate } } },
    asked: { 'create jobs': 2 },
  },
  {
    controller: resourceClaim,
    type: Pod,
    before: [{ type: ResourceClaimTemplate, object: { metadata: { ...ref, name: 'gpu' }, spec: { spec: {} } } }],
    spec: { ...template.spec, resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpu' }] },
    asked: { 'create resourceclaims': 1 },
  },
  {
    controller: ephemeralVolume,
    type: Pod,
    spec: {
      ...template.spec,
      volumes: [{ name: 'data', ephemeral: { volumeClaimTemplate: { spec: volumeClaimTemplates[0]?.spec } } }],
    },
    asked: { 'create persistentvolumeclaims': 1 },
  },
  { controller: endpointSlice(), type: Service, spec: SERVICE, asked: { 'create endpointslices': 1 } },
  { controller: endpoints(), type: Service, spec: SERVICE, asked: { 'create endpoints': 1 } },
  {
    controller: podGarbage(),
    type: Pod,
    spec: { ...template.spec, nodeName: 'gone' },
    asked: { 'delete pods': 1 },
  },
  {
    controller: taintEviction(),
    type: Pod,
    before: [
      { type: Node, object: { metadata: { name: 'bad' }, spec: { taints: [{ key: 'bad', effect: 'NoExecute' }] } } },
    ],
    spec: { ...template.spec, nodeName: 'bad' },
    asked: { 'delete pods': 1 },
  },
];

/** Runs the controller on a line that lags. What the test itself does takes the straight way. */
function run(cluster: TestCluster, controller: Controller): Map<string, number> {
  const { world, logger, signal } = cluster;
  const counts = new Map<string, number>();
  const late = aLaggingLine(cluster, LAG_MS);
  const client = inProcessClient(
    async (request) => {
      const { verb, plural, subresource } = request;
      const result = await late(request);
      const name = `${verb} ${plural}`;
      const isWrite = verb === 'create' || verb === 'delete';
      if (isWrite && subresource === undefined && plural !== 'events') counts.set(name, (counts.get(name) ?? 0) + 1);
      return result;
    },
    { name: 'controller', groups: ['system:masters'] },
  );
  const informers = createInformers({ client, world, logger, signal });
  const events = createEventRecorder({ ...cluster, component: controller.name });
  cluster.run(() => runController(controller, { client, informers, events, world, logger, signal }));
  return counts;
}

/** Wakes the controller a few times while what it has done is still on its way to it. */
async function poke({ client, world }: TestCluster, type: ResourceType): Promise<void> {
  for (let second = 0; second < 20; second++) {
    const document = { metadata: { annotations: { poke: String(second) } } };
    const patch = { type: 'application/merge-patch+json', document } as const;
    await unlessMissing(client.patch<ApiObject>(type as ResourceType<ApiObject>, { ref, patch: patch as never }));
    await world.advance(1_000);
  }
}

for (const { controller, type, spec, before = [], smaller, asked } of CASES) {
  test(`[CTL3b] however late watches tell, ${controller.name} makes and removes as many as are asked for`, async () => {
    await using cluster = await aCluster();
    const { client, world } = cluster;
    for (const name of ['n1', 'n2', 'n3', 'n4', 'n5']) await client.create(Node, { metadata: { name }, spec: {} });
    for (const each of before)
      await client.create<ApiObject>(each.type as ResourceType<ApiObject>, each.object as Unsaved<ApiObject>);
    const counts = run(cluster, controller);
    await world.settle();
    const object = { metadata: ref, spec } as unknown as Unsaved<ApiObject>;
    await client.create<ApiObject>(type as ResourceType<ApiObject>, object);
    await poke(cluster, type);
    if (smaller !== undefined) {
      const patch = { type: 'application/merge-patch+json', document: { spec: smaller } } as const;
      await client.patch<ApiObject>(type as ResourceType<ApiObject>, { ref, patch: patch as never });
    }
    await poke(cluster, type);
    await world.advance(100_000);
    assert.deepEqual(Object.fromEntries(counts), asked);
  });
}
