import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '#api/request';
import type { Container, PodSpec } from '#api/types/core-v1';
import { failure } from '#test/builders/pipeline';
import { aPodPipeline } from '#test/builders/pod-pipeline';

const MAIN: Container = {
  name: 'main',
  image: 'nginx:1.20',
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
};
const OTHER: Container = { name: 'other', image: 'nginx:1.20', resources: { requests: { cpu: '50m' } } };
const SIDECAR: Container = { ...MAIN, name: 'sidecar', restartPolicy: 'Always' };
const INIT: Container = { ...MAIN, name: 'init' };
const SPEC: Partial<PodSpec> = { containers: [MAIN, OTHER], initContainers: [INIT, SIDECAR] };

const resize = (spec: object, more: Partial<ApiRequest> = {}): Partial<ApiRequest> => ({
  verb: 'patch',
  subresource: 'resize',
  patchType: 'application/strategic-merge-patch+json',
  body: { spec },
  ...more,
});

const resources = (name: string, amounts: object): object => ({ containers: [{ name, resources: amounts }] });

test('[SUB10] a resize changes CPU and memory of containers and sidecars, and nothing else', async () => {
  await using pipeline = await aPodPipeline(SPEC);
  const grown = await pipeline.web(resize(resources('main', { requests: { cpu: '150m' }, limits: { cpu: '1' } })));
  assert.deepEqual(grown.spec.containers[0]?.resources, {
    requests: { cpu: '150m', memory: '64Mi' },
    limits: { cpu: '1', memory: '128Mi' },
  });
  assert.equal(grown.metadata.generation, 2);
  const smaller = { initContainers: [{ name: 'sidecar', resources: { limits: { memory: '96Mi' } } }] };
  const shrunk = await pipeline.web(resize(smaller));
  assert.equal(shrunk.spec.initContainers?.[1]?.resources?.limits?.['memory'], '96Mi');
  const more = { labels: { a: 'b' } };
  const image = { ...shrunk.spec.containers[0], image: 'nginx:2' };
  const body = {
    ...shrunk,
    metadata: { ...shrunk.metadata, ...more },
    spec: { ...shrunk.spec, containers: [image, OTHER] },
  };
  const kept = await pipeline.web(resize({}, { verb: 'update', body }));
  assert.deepEqual([kept.metadata.labels, kept.spec.containers[0]?.image], [undefined, 'nginx:1.20']);
  assert.deepEqual(await pipeline.web({ subresource: 'resize' }), kept);
  const whole = { ...kept, spec: { ...kept.spec, containers: [{ ...MAIN, resources: {} }, OTHER] } };
  await assert.rejects(pipeline.web({ verb: 'update', body: whole }), { reason: 'Invalid' });
});

test('[SUB10] a resize can be applied, and belongs to who applied it', async () => {
  await using pipeline = await aPodPipeline(SPEC);
  const spec = resources('main', { requests: { cpu: '150m' } });
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec };
  const options = { fieldManager: 'sizer', force: true };
  const patchType = 'application/apply-patch+yaml';
  const applied = await pipeline.web({ verb: 'patch', subresource: 'resize', patchType, body, options });
  assert.equal(applied.spec.containers[0]?.resources?.requests?.['cpu'], '150m');
  const own = applied.metadata.managedFields?.find(({ manager }) => manager === 'sizer');
  assert.deepEqual([own?.operation, own?.subresource], ['Apply', 'resize']);
});

test('[SUB11] a resize that a pod does not allow is refused with the reason', async () => {
  await using pipeline = await aPodPipeline(SPEC);
  const refused = (spec: object, message: string): Promise<void> =>
    assert.rejects(pipeline.web(resize(spec)), failure('Invalid', `Pod "web" is invalid: ${message}`));
  const field = 'spec.containers[0].resources';
  await refused(
    resources('other', { requests: { cpu: null } }),
    'spec.containers[1].resources.requests: Forbidden: resource requests cannot be removed',
  );
  await refused(
    resources('main', { limits: { memory: null } }),
    `${field}.limits: Forbidden: resource limits cannot be removed`,
  );
  const only = 'spec: Forbidden: only cpu and memory resources are mutable';
  await refused(resources('main', { limits: { 'ephemeral-storage': '1Gi' } }), only);
  const policy = {
    containers: [{ name: 'main', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }],
  };
  await refused(policy, only);
  const init = { initContainers: [{ name: 'init', resources: { limits: { cpu: '2' } } }] };
  await refused(init, 'spec: Forbidden: resources for non-sidecar init containers are immutable');
  const added = { containers: [{ name: 'third', image: 'i' }] };
  await refused(added, 'spec.containers: Forbidden: containers may not be added or removed on resize');
});

test('[SUB11] a resize keeps the class of service', async () => {
  await using guaranteed = await aPodPipeline({
    containers: [{ ...MAIN, resources: { limits: { cpu: '1', memory: '1Gi' } } }],
  });
  const unlike = resize(resources('main', { limits: { cpu: '2' } }));
  const message =
    'Pod "web" is invalid: spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing';
  await assert.rejects(guaranteed.web(unlike), failure('Invalid', message));
  const both = resize(resources('main', { limits: { cpu: '2' }, requests: { cpu: '2' } }));
  assert.equal((await guaranteed.web(both)).spec.containers[0]?.resources?.requests?.['cpu'], '2');
  await using own = await aPodPipeline({ containers: [MAIN], resources: { limits: { cpu: '1' } } });
  const pods = 'Pod "web" is invalid: : Forbidden: pods with pod-level resources cannot be resized';
  await assert.rejects(own.web(resize(resources('main', { limits: { cpu: '250m' } }))), { message: pods });
});
