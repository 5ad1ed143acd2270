/** The controllers of workloads do what they do with the rights of their own accounts, and no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '#api/kinds';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import { aGuardedCluster } from '#test/builders/guarded-cluster';

const namespace = 'shop';
const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
const task = { spec: { ...template.spec, restartPolicy: 'Never' } };
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const claimed = (name: string, spec: object): object => ({ spec: { ...template.spec, ...spec }, metadata: { name } });

type Given = readonly [kind: string, object: object];

/** One of everything that controllers of workloads see to. */
const WORLD: readonly Given[] = [
  ['Deployment', { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: labels }, template } }],
  ['DaemonSet', { metadata: { name: 'each' }, spec: { selector: { matchLabels: labels }, template } }],
  [
    'StatefulSet',
    {
      metadata: { name: 'db' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template,
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }],
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
      },
    },
  ],
  ['ReplicationController', { metadata: { name: 'old' }, spec: { replicas: 1, selector: labels, template } }],
  [
    'Job',
    { metadata: { name: 'once' }, spec: { template: task, ttlSecondsAfterFinished: 1, activeDeadlineSeconds: 30 } },
  ],
  [
    'CronJob',
    { metadata: { name: 'often' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: task } } } },
  ],
  ['PodDisruptionBudget', { metadata: { name: 'web' }, spec: { minAvailable: 1, selector: { matchLabels: labels } } }],
  ['Pod', claimed('lost', { nodeName: 'gone' })],
  ['Pod', claimed('scratch', { volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: claimSpec } } }] })],
  ['DeviceClass', { metadata: { name: 'gpu' }, spec: {} }],
  [
    'ResourceSlice',
    {
      metadata: { name: 'node-1' },
      spec: {
        driver: 'd.example',
        nodeName: 'node-1',
        pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'gpu-0' }],
      },
    },
  ],
  [
    'ResourceClaimTemplate',
    {
      metadata: { name: 'one' },
      spec: { spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu' } }] } } },
    },
  ],
  ['Pod', claimed('train', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one' }] })],
];

function kindNamed(kind: string): ResourceType<ApiObject> {
  const found = KINDS.find((each) => each.kind === kind);
  assert.ok(found !== undefined, kind);
  return found as ResourceType<ApiObject>;
}

test('[ACC16] controllers of workloads, devices included, are refused nothing that they ask for', async () => {
  await using cluster = await aGuardedCluster();
  const { world, admin, refused } = cluster;
  await admin.create(kindNamed('Namespace'), { metadata: { name: namespace }, spec: {} } as never);
  await world.advance(1_000);
  for (const [kind, object] of WORLD) {
    const type = kindNamed(kind);
    const { metadata, ...rest } = object as { readonly metadata: object };
    const place = type.namespaced ? { namespace } : {};
    await admin.create(type, { ...rest, metadata: { ...metadata, ...place } } as never);
  }
  await world.advance(90_000);
  const pods = (await admin.list(kindNamed('Pod'), { namespace })).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(
    ['lost', 'train'].map((name) => pods.includes(name)),
    [false, true],
  );
  const train = { namespace, name: 'train' };
  const { spec } = (await admin.get(kindNamed('Pod'), train)) as ApiObject & { readonly spec: { nodeName?: string } };
  assert.equal(spec.nodeName, 'node-1');
  const scaled = { type: 'application/merge-patch+json', document: { spec: { replicas: 1 } } } as const;
  await admin.patch(kindNamed('StatefulSet'), { ref: { namespace, name: 'db' }, patch: scaled as never });
  await admin.delete(kindNamed('Pod'), train);
  await world.advance(90_000);
  assert.deepEqual((await admin.list(kindNamed('ResourceClaim'), { namespace })).items, []);
  await admin.delete(kindNamed('Namespace'), { name: namespace });
  await world.advance(120_000);
  assert.deepEqual([...refused], []);
});
