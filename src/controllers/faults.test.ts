import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { Endpoints } from '#api/core/endpoints';
import { Pod } from '#api/core/pod';
import { isActive } from '#api/core/pod-state';
import { Service } from '#api/core/service';
import { isApiError } from '#api/errors';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { seededRandom } from '#base/seeded-random';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aFaultyLine } from '#test/builders/faulty-line';
import { aTemplate } from '#test/builders/workloads';
import { runControllers } from './run-controllers.ts';

const NAMESPACE = 'shop';

/** What an agent would say: every pod gets an address and becomes ready; one that is being deleted goes. */
async function serve({ client }: TestCluster, serial: { next: number }): Promise<void> {
  for (const pod of (await client.list(Pod)).items) {
    const ref = { namespace: NAMESPACE, name: pod.metadata.name };
    if (pod.metadata.deletionTimestamp !== undefined) await client.delete(Pod, ref, { gracePeriodSeconds: 0 });
    if (pod.status?.phase === 'Running' || pod.metadata.deletionTimestamp !== undefined) continue;
    const podIP = `198.18.7.${serial.next++}`;
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [ready] };
    await client.update(Pod, { ...pod, status }, { subresource: 'status' }).catch((error: unknown) => {
      if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
    });
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`[CTL9] whatever requests fail, and whichever way, the cluster becomes what was asked for, seed ${seed}`, async () => {
    await using cluster = await aCluster({ seed, namespaces: [NAMESPACE] });
    const { client, world, logger, signal } = cluster;
    const faults = { share: 0.1 };
    const user = { name: 'controllers', groups: ['system:masters'] };
    const faulty = inProcessClient(aFaultyLine(cluster, seededRandom(seed), faults), user);
    const informers = createInformers({ client: faulty, world, logger, signal });
    cluster.run(() => runControllers({ client: faulty, informers, world, logger, signal }));
    const selector = { matchLabels: { app: 'web' } };
    const web = {
      metadata: { namespace: NAMESPACE, name: 'web' },
      spec: { replicas: 5, selector, template: aTemplate('nginx:0') },
    };
    await client.create(Deployment, web);
    await client.create(Service, { metadata: web.metadata, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
    const serial = { next: 1 };
    for (let second = 0; second < 120; second++) {
      if (second % 20 === 10) {
        const current = await client.get(Deployment, web.metadata);
        await client.update(Deployment, {
          ...current,
          spec: { ...current.spec, template: aTemplate(`nginx:${second}`) },
        });
      }
      await serve(cluster, serial);
      await world.advance(1000);
    }
    faults.share = 0;
    // A failing key may have been put off for long.
    for (let minute = 0; minute < 40; minute++) {
      await serve(cluster, serial);
      await world.advance(60_000);
    }
    const sets = (await client.list(ReplicaSet)).items.filter(({ spec }) => spec.replicas !== 0);
    const pods = (await client.list(Pod)).items.filter(isActive);
    const { subsets } = await client.get(Endpoints, web.metadata);
    assert.deepEqual(
      {
        sets: sets.map(({ spec }) => [spec.template.spec.containers[0]?.image, spec.replicas]),
        images: pods.map(({ spec }) => spec.containers[0]?.image),
        addresses: subsets?.[0]?.addresses?.map(({ ip }) => ip),
        available: (await client.get(Deployment, web.metadata)).status?.availableReplicas,
      },
      {
        sets: [['nginx:110', 5]],
        images: Array.from({ length: 5 }, () => 'nginx:110'),
        addresses: pods.map(({ status }) => status?.podIP ?? '').toSorted(),
        available: 5,
      },
    );
  });
}
