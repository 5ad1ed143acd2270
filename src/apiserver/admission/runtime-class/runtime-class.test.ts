import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { RuntimeClass } from '#api/node/runtime-class';
import type { PodSpec } from '#api/types/core-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';

const namespace = 'default';

async function withRuntime(): Promise<TestCluster> {
  const cluster = await aCluster();
  await cluster.client.create(RuntimeClass, {
    metadata: { name: 'sandboxed' },
    handler: 'kata',
    overhead: { podFixed: { memory: '120Mi' } },
    scheduling: {
      nodeSelector: { kata: 'yes' },
      tolerations: [
        { key: 'kata', operator: 'Exists' },
        { key: 'gpu', operator: 'Equal', value: 'a' },
      ],
    },
  });
  return cluster;
}

const start = ({ client }: TestCluster, spec: Partial<PodSpec>): Promise<Pod> =>
  client.create(Pod, {
    metadata: { namespace, name: 'web' },
    spec: { containers: [{ name: 'web', image: 'nginx:1' }], ...spec },
  });
const refused = (why: string) => ({ reason: 'Forbidden', message: `pods "web" is forbidden: ${why}` });

test('[ADM30] a pod of a runtime class pays what the runtime costs and goes where there is one', async () => {
  await using cluster = await withRuntime();
  const { spec } = await start(cluster, {
    runtimeClassName: 'sandboxed',
    nodeSelector: { disk: 'fast' },
    tolerations: [
      { operator: 'Exists', effect: 'NoExecute' },
      { key: 'gpu', operator: 'Exists' },
      { key: 'kata', operator: 'Exists' },
    ],
  });
  assert.deepEqual(spec.overhead, { memory: '120Mi' });
  assert.deepEqual(spec.nodeSelector, { disk: 'fast', kata: 'yes' });
  assert.deepEqual(spec.tolerations, [
    { operator: 'Exists', effect: 'NoExecute' },
    { key: 'gpu', operator: 'Exists' },
    { key: 'kata', operator: 'Exists' },
  ]);
});

test('[ADM31] a runtime class that does not exist, or that the pod contradicts, is refused', async () => {
  await using cluster = await withRuntime();
  await assert.rejects(
    start(cluster, { runtimeClassName: 'gone' }),
    refused('pod rejected: RuntimeClass "gone" not found'),
  );
  await assert.rejects(
    start(cluster, { runtimeClassName: 'sandboxed', overhead: { memory: '1Mi' } }),
    refused("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"),
  );
  await assert.rejects(
    start(cluster, { runtimeClassName: 'sandboxed', nodeSelector: { kata: 'no' } }),
    refused('conflict: runtimeClass.scheduling.nodeSelector[kata] = yes; pod.spec.nodeSelector[kata] = no'),
  );
  await assert.rejects(
    start(cluster, { overhead: { memory: '1Mi' } }),
    refused('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'),
  );
});
