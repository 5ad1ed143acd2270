import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import type { ApiObject } from '#api/object';
import { defineResource } from '#api/resource';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aTemplate } from '#test/builders/workloads';
import { runHorizontalAutoscaler } from './controller.ts';

const GAME = defineResource<ApiObject & { readonly spec: { readonly replicas: number } }>(
  { group: 'example.com', version: 'v1', kind: 'Game', plural: 'games', namespaced: true },
  {},
);
const REF = { namespace: 'default', name: 'chess' };

/** Defines the kind and lets it be served, as the API server does. */
async function define({ client }: TestCluster, subresources: object): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const names = { plural: 'games', singular: 'game', kind: 'Game', listKind: 'GameList' };
  const made = await client.create(CustomResourceDefinition, {
    metadata: { name: 'games.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema, subresources }],
    },
  });
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }));
  const status = { ...made.status, acceptedNames: names, conditions };
  await client.update(CustomResourceDefinition, { ...made, status }, { subresource: 'status' });
}

async function autoscaled(subresources: object): Promise<{ replicas: number; message: string | undefined }> {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run((signal) => runHorizontalAutoscaler({ ...cluster, signal }));
  await define(cluster, subresources);
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
