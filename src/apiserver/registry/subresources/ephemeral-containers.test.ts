import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '#api/request';
import type { EphemeralContainer } from '#api/types/core-v1';
import { failure } from '#test/builders/pipeline';
import { aPodPipeline } from '#test/builders/pod-pipeline';

const visitors = (...ephemeralContainers: readonly Partial<EphemeralContainer>[]): Partial<ApiRequest> => ({
  verb: 'patch',
  subresource: 'ephemeralcontainers',
  patchType: 'application/strategic-merge-patch+json',
  body: { spec: { ephemeralContainers } },
});

const DEBUGGER = { name: 'debugger', image: 'busybox', targetContainerName: 'main' };

test('[SUB1] ephemeral containers are added to a pod with their defaults, and nothing else is changed', async () => {
  await using pipeline = await aPodPipeline();
  const before = await pipeline.web();
  const pod = await pipeline.web(visitors(DEBUGGER));
  const filledIn = {
    ...DEBUGGER,
    imagePullPolicy: 'Always',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
  };
  assert.deepEqual(pod.spec.ephemeralContainers, [filledIn]);
  assert.deepEqual([before.metadata.generation, pod.metadata.generation], [1, 2]);
  assert.deepEqual(await pipeline.web({ subresource: 'ephemeralcontainers' }), pod);
  const entries = pod.metadata.managedFields ?? [];
  assert.deepEqual(
    entries.map(({ subresource }) => subresource),
    [undefined, 'ephemeralcontainers'],
  );
  const second = { name: 'second', image: 'busybox:1', resources: {} };
  const body = {
    ...pod,
    metadata: { ...pod.metadata, labels: { a: 'b' } },
    spec: { ...pod.spec, activeDeadlineSeconds: 5, ephemeralContainers: [filledIn, second] },
  };
  const updated = await pipeline.web({ verb: 'update', subresource: 'ephemeralcontainers', body });
  assert.deepEqual(
    [updated.spec.ephemeralContainers?.length, updated.spec.activeDeadlineSeconds, updated.metadata.labels],
    [2, undefined, undefined],
  );
});

test('[SUB2] ephemeral containers stay as they came, and may not be what a pod depends on', async () => {
  await using pipeline = await aPodPipeline();
  await pipeline.web(visitors(DEBUGGER));
  const refused = (request: Partial<ApiRequest>, message: string): Promise<void> =>
    assert.rejects(pipeline.web(request), failure('Invalid', `Pod "web" is invalid: ${message}`));
  const removal = { ...visitors(), patchType: 'application/merge-patch+json' as const };
  const field = 'spec.ephemeralContainers';
  const which = 'existing ephemeral containers "debugger" may not be';
  await refused(removal, `${field}: Forbidden: ${which} removed\n`);
  await refused(visitors({ ...DEBUGGER, image: 'other' }), `${field}: Forbidden: ${which} changed\n`);
  const why = 'Forbidden: cannot be set for an Ephemeral Container';
  const ports = [{ containerPort: 80 }];
  await refused(visitors({ name: 'b', image: 'i', ports }), `${field}[0].ports: ${why}`);
  const resources = { limits: { cpu: '1' } };
  await refused(visitors({ name: 'b', image: 'i', resources }), `${field}[0].resources: ${why}`);
  const livenessProbe = { tcpSocket: { port: 80 } };
  await refused(visitors({ name: 'b', image: 'i', livenessProbe }), `${field}[0].livenessProbe: ${why}`);
  const targetContainerName = 'nobody';
  const lost = `${field}[0].targetContainerName: Not found: "nobody"`;
  await refused(visitors({ name: 'b', image: 'i', targetContainerName }), lost);
  await refused(visitors({ name: 'main', image: 'i' }), `${field}[0].name: Duplicate value: "main"`);
});
