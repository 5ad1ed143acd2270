import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import type { ApiObject } from '#api/object';
import { defineResource } from '#api/resource';
import { aCluster } from '#test/builders/cluster';
import { defineKind } from '#test/builders/custom-kinds';
import { aTemplate } from '#test/builders/workloads';
import { runHorizontalAutoscaler } from './controller.ts';

const GAME = defineResource<ApiObject & { readonly spec: { readonly replicas: number } }>(
  { group: 'example.com', version: 'v1', kind: 'Game', plural: 'games', namespaced: true },
  {},
);
const REF = { namespace: 'default', name: 'chess' };

async function autoscaled(subresources: object): Promise<{ replicas: number; message: string | undefined }> {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run((signal) => runHorizontalAutoscaler({ ...cluster, signal }));
  await defineKind(cluster, { kind: 'Game', plural: 'games', subresources });
  await client.create(GAME, { metadata: REF, spec: { replicas: 1 } });
  const scaleTargetRef = { apiVersion: 'example.com/v1', kind: 'Game', name: REF.name };
  await client.create(HorizontalPodAutoscaler, {
    metadata: REF,
    spec: { minReplicas: 3, maxReplicas: 5, scaleTargetRef },
  });
  await world.advance(40_000);
  const { status } = await client.get(HorizontalPodAutoscaler, REF);
  const message = status?.conditions?.find(({ type }) => type === 'AbleToScale')?.message;
  return { replicas: (await client.get(GAME, REF)).spec.replicas, message };
}

test('[HPA8] objects of kinds that users define are scaled, if the kind has a scale', async () => {
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  assert.equal((await autoscaled({ status: {}, scale })).replicas, 3);
  assert.deepEqual(await autoscaled({ status: {} }), {
    replicas: 1,
    message:
      "the HPA controller was unable to get the target's current scale: the server could not find the requested resource",
  });
});

test('[FRM12] a target that is named in a former version of its kind is found', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run((signal) => runHorizontalAutoscaler({ ...cluster, signal }));
  const selector = { matchLabels: { app: 'web' } };
  await client.create(Deployment, { metadata: REF, spec: { replicas: 1, selector, template: aTemplate() } });
  const scaleTargetRef = { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: REF.name };
  await client.create(HorizontalPodAutoscaler, {
    metadata: REF,
    spec: { minReplicas: 3, maxReplicas: 5, scaleTargetRef },
  });
  await world.advance(40_000);
  assert.equal((await client.get(Deployment, REF)).spec.replicas, 3);
});
