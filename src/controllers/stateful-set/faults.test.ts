import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from '#api/apps/controller-revision';
import { DaemonSet } from '#api/apps/daemon-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { Node } from '#api/core/node';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { refOf } from '#api/object';
import { seededRandom } from '#base/seeded-random';
import { createEventRecorder } from '#client/event-recorder';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aFaultyLine } from '#test/builders/faulty-line';
import { aTemplate, NAMESPACE, readyStatus } from '#test/builders/workloads';
import { daemonSet } from '../daemon-set/controller.ts';
import { targetNode } from '../daemon-set/plan-placement.ts';
import { runController } from '../framework/run-controller.ts';
import { statefulSet } from './controller.ts';

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as unknown as PersistentVolumeClaim;

/** What scheduler and agents would do, one step. */
async function serve({ client }: TestCluster): Promise<void> {
  for (const pod of (await client.list(Pod)).items) await serveOne(client, pod).catch(unlessOvertaken);
}

async function serveOne(client: TestCluster['client'], pod: Pod): Promise<void> {
  const ref = refOf(pod);
  if (pod.metadata.deletionTimestamp !== undefined) await client.delete(Pod, ref, { gracePeriodSeconds: 0 });
  else if (!pod.spec.nodeName) {
    const body = { metadata: { name: ref.name }, target: { kind: 'Node', name: targetNode(pod) ?? 'n1' } };
    await client.createSubresource(Pod, { ref, subresource: 'binding', body });
  } else if (pod.status?.phase !== 'Running')
    await client.update(Pod, { ...pod, status: readyStatus() }, { subresource: 'status' });
}

function unlessOvertaken(error: unknown): void {
  if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
}

async function useImage({ client }: TestCluster, image: string): Promise<void> {
  for (const type of [StatefulSet, DaemonSet] as const) {
    const ref = { namespace: NAMESPACE, name: type === StatefulSet ? 'db' : 'agent' };
    const patch = { type: 'application/merge-patch+json', document: { spec: { template: aTemplate(image) } } } as const;
    await client.patch<StatefulSet | DaemonSet>(type as never, { ref, patch });
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`[WRK63] whatever requests fail, sets become what was asked for, and no identity is there twice, seed ${seed}`, async () => {
    await using cluster = await aCluster({ seed });
    const { client, world, logger, signal } = cluster;
    const faults = { share: 0.1 };
    const user = { name: 'controllers', groups: ['system:masters'] };
    const faulty = inProcessClient(aFaultyLine(cluster, seededRandom(seed), faults), user);
    const informers = createInformers({ client: faulty, world, logger, signal });
    const events = createEventRecorder({ client: faulty, world, logger, signal, component: 'test' });
    for (const controller of [statefulSet, daemonSet()])
      cluster.run(() => runController(controller, { client: faulty, informers, events, world, logger, signal }));
    for (const name of ['n1', 'n2', 'n3']) await client.create(Node, { metadata: { name }, spec: {} });
    const spec = { selector: { matchLabels: { app: 'web' } }, template: aTemplate('nginx:0') };
    const metadata = { namespace: NAMESPACE };
    const stateful = { ...spec, replicas: 3, volumeClaimTemplates: [CLAIM] };
    await client.create(StatefulSet, { metadata: { ...metadata, name: 'db' }, spec: stateful });
    await client.create(DaemonSet, { metadata: { ...metadata, name: 'agent' }, spec });
    for (let second = 0; second < 120; second++) {
      if (second % 30 === 10) await useImage(cluster, `nginx:${second}`);
      await serve(cluster);
      await world.advance(1000);
    }
    faults.share = 0;
    // A failing key may have been put off for long.
    for (let minute = 0; minute < 40; minute++) {
      await serve(cluster);
      await world.advance(60_000);
    }
    const pods = (await client.list(Pod)).items;
    const of = (prefix: string): readonly Pod[] => pods.filter(({ metadata: { name } }) => name.startsWith(prefix));
    const { status } = await client.get(StatefulSet, { ...metadata, name: 'db' });
    assert.deepEqual(
      {
        images: pods.map(({ spec: { containers } }) => containers[0]?.image),
        names: of('db-').map(({ metadata: { name } }) => name),
        nodes: of('agent-')
          .map((pod) => targetNode(pod) ?? '')
          .toSorted(),
        claims: (await client.list(PersistentVolumeClaim)).items.map(({ metadata: { name } }) => name),
        isComplete: status?.currentRevision === status?.updateRevision && status?.readyReplicas === 3,
        revisions: (await client.list(ControllerRevision)).items.length,
      },
      {
        images: Array.from({ length: 6 }, () => 'nginx:100'),
        names: ['db-0', 'db-1', 'db-2'],
        nodes: ['n1', 'n2', 'n3'],
        claims: ['data-db-0', 'data-db-1', 'data-db-2'],
        isComplete: true,
        revisions: 10,
      },
    );
  });
}
