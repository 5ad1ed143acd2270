import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../meta/json-value.ts';
import { PatchError } from '../meta/patch-error.ts';
import { schemaFor } from './schema.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

const POD = schemaFor({ group: '', version: 'v1', kind: 'Pod' })!;
const DEPLOYMENT = schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })!;
const SERVICE = schemaFor({ group: '', version: 'v1', kind: 'Service' })!;

/** Patches the pod's spec. */
const patchSpec = (spec: JsonObject, patch: JsonObject): unknown =>
  applyStrategicMergePatch(POD, { spec }, { spec: patch })['spec'];

test('[API60] objects merge key by key, null removes, and scalars replace', () => {
  const spec = { hostname: 'a', nodeName: 'n', securityContext: { runAsUser: 1, fsGroup: 2 } };
  const patch = { hostname: 'b', nodeName: null, securityContext: { runAsUser: null, runAsGroup: 3 } };
  assert.deepEqual(patchSpec(spec, patch), { hostname: 'b', securityContext: { fsGroup: 2, runAsGroup: 3 } });
});

test('[API60] nulls of parts that did not exist are dropped', () => {
  assert.deepEqual(patchSpec({}, { securityContext: { runAsUser: null, runAsGroup: 3 } }), {
    securityContext: { runAsGroup: 3 },
  });
});

test('[API60] what a patch does not touch is shared with the old object, which stays as it was', () => {
  const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'x' }] } };
  const before = structuredClone(pod);
  const patched = applyStrategicMergePatch(POD, pod, { spec: { containers: [{ name: 'a', image: 'y' }] } });
  assert.equal(patched['metadata'], pod.metadata);
  assert.deepEqual(pod, before);
});

test('[API61] lists of objects merge by their merge key; new items follow the old ones', () => {
  const spec = {
    containers: [
      { name: 'a', image: 'x', args: ['1'] },
      { name: 'b', image: 'y' },
    ],
  };
  const patch = {
    containers: [
      { name: 'b', image: 'z' },
      { name: 'c', image: 'n' },
    ],
  };
  assert.deepEqual(patchSpec(spec, patch), {
    containers: [
      { name: 'a', image: 'x', args: ['1'] },
      { name: 'b', image: 'z' },
      { name: 'c', image: 'n' },
    ],
  });
});

test('[API61] lists nested in merged items merge by their own keys', () => {
  const spec = {
    containers: [
      {
        name: 'a',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
    ],
  };
  const patch = { containers: [{ name: 'a', env: [{ name: 'B', value: '3' }] }] };
  assert.deepEqual(patchSpec(spec, patch), {
    containers: [
      {
        name: 'a',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '3' },
        ],
      },
    ],
  });
});

test('[API61] ports of a Service merge by their port', () => {
  const patched = applyStrategicMergePatch(
    SERVICE,
    { spec: { ports: [{ port: 80, targetPort: 8080 }, { port: 443 }] } },
    { spec: { ports: [{ port: 80, targetPort: 'http' }] } },
  );
  assert.deepEqual(patched, { spec: { ports: [{ port: 80, targetPort: 'http' }, { port: 443 }] } });
});

test('[API61] lists of scalars with strategy merge become their union, others are replaced', () => {
  const pod = { metadata: { finalizers: ['a', 'b'] }, spec: { containers: [{ name: 'a', args: ['1', '2'] }] } };
  const patch = { metadata: { finalizers: ['b', 'c'] }, spec: { containers: [{ name: 'a', args: ['3'] }] } };
  assert.deepEqual(applyStrategicMergePatch(POD, pod, patch), {
    metadata: { finalizers: ['a', 'b', 'c'] },
    spec: { containers: [{ name: 'a', args: ['3'] }] },
  });
});

test('[API61] lists without a strategy are replaced, even where their items have names', () => {
  const patched = patchSpec({ tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] });
  assert.deepEqual(patched, { tolerations: [{ key: 'b' }] });
});

test('[API62] $patch: delete takes an item or an object away, $patch: replace makes the patch the whole value', () => {
  const spec = {
    containers: [
      { name: 'a', image: 'x' },
      { name: 'b', image: 'y' },
    ],
    securityContext: { fsGroup: 1 },
  };
  assert.deepEqual(patchSpec(spec, { containers: [{ name: 'a', $patch: 'delete' }] }), {
    containers: [{ name: 'b', image: 'y' }],
    securityContext: { fsGroup: 1 },
  });
  assert.deepEqual(patchSpec(spec, { containers: [{ name: 'c' }, { $patch: 'replace' }] }), {
    ...spec,
    containers: [{ name: 'c' }],
  });
  assert.deepEqual(patchSpec(spec, { securityContext: { $patch: 'replace', runAsUser: 5 } }), {
    ...spec,
    securityContext: { runAsUser: 5 },
  });
  assert.deepEqual(patchSpec(spec, { securityContext: { $patch: 'delete' } }), { ...spec, securityContext: {} });
});

test('[API62] directives about parts that do not exist leave nothing behind', () => {
  const patch = {
    containers: [
      { name: 'a', $patch: 'delete' },
      { name: 'b', '$setElementOrder/env': [{ name: 'A' }], env: [{ name: 'A', value: '1' }] },
    ],
    '$setElementOrder/containers': [{ name: 'b' }],
  };
  assert.deepEqual(patchSpec({}, patch), { containers: [{ name: 'b', env: [{ name: 'A', value: '1' }] }] });
});

test('[API63] $deleteFromPrimitiveList removes values from a list of scalars', () => {
  const pod = { metadata: { finalizers: ['a', 'b', 'c'] } };
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['b', 'x'] } };
  assert.deepEqual(applyStrategicMergePatch(POD, pod, patch), { metadata: { finalizers: ['a', 'c'] } });
});

test('[API64] $setElementOrder puts named items in order; the others keep their place among what they knew', () => {
  const spec = { containers: ['a', 'b', 'server', 'c'].map((name) => ({ name })) };
  const order = ['c', 'new', 'a'].map((name) => ({ name }));
  const patch = {
    '$setElementOrder/containers': order,
    containers: [
      { name: 'b', $patch: 'delete' },
      { name: 'new', image: 'x' },
    ],
  };
  const { containers } = patchSpec(spec, patch) as { containers: readonly { name: string }[] };
  assert.deepEqual(
    containers.map(({ name }) => name),
    ['server', 'c', 'new', 'a'],
  );
});

test('[API64] $setElementOrder alone reorders, also scalars', () => {
  const pod = { metadata: { finalizers: ['a', 'b', 'c'] } };
  const patch = { metadata: { '$setElementOrder/finalizers': ['c', 'a'] } };
  assert.deepEqual(applyStrategicMergePatch(POD, pod, patch), { metadata: { finalizers: ['b', 'c', 'a'] } });
});

test('[API65] $retainKeys removes what it does not list', () => {
  const deployment = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
  const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
  assert.deepEqual(applyStrategicMergePatch(DEPLOYMENT, deployment, patch), {
    spec: { strategy: { type: 'Recreate' } },
  });
  const wrong = { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } };
  assert.throws(
    () => applyStrategicMergePatch(DEPLOYMENT, deployment, wrong),
    new PatchError('BadRequest', 'invalid patch format of retainKeys'),
  );
});

test('[API65] a volume changes its source with $retainKeys', () => {
  const spec = { volumes: [{ name: 'v', emptyDir: {} }] };
  const patch = {
    volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/x' }, emptyDir: null }],
  };
  assert.deepEqual(patchSpec(spec, patch), { volumes: [{ name: 'v', hostPath: { path: '/x' } }] });
});

test("[API66] patches that fit no object are refused in upstream's words", () => {
  const spec = { containers: [{ name: 'a' }] };
  const refusals: readonly (readonly [patch: JsonObject, error: PatchError])[] = [
    [
      { containers: [{ image: 'x' }] },
      new PatchError('Invalid', 'map: map[image:x] does not contain declared merge key: name'),
    ],
    [{ $patch: 'grow' }, new PatchError('Invalid', 'unknown patch type: grow in map: map[$patch:grow]')],
    [{ containers: ['a'] }, new PatchError('Invalid', 'list element types are not identical: [[map[name:a]] [a]]')],
    [
      { '$setElementOrder/containers': 1 },
      new PatchError('BadRequest', 'invalid patch format of setElementOrder list'),
    ],
  ];
  for (const [patch, error] of refusals) assert.throws(() => patchSpec(spec, patch), error);
});

test('[API52] labels called __proto__ and constructor merge like any other', () => {
  const pod = JSON.parse('{"metadata":{"labels":{"__proto__":"1"}}}') as JsonObject;
  const patch = JSON.parse('{"metadata":{"labels":{"__proto__":"2","constructor":"3"}}}') as JsonObject;
  const { metadata } = applyStrategicMergePatch(POD, pod, patch) as { metadata: { labels: object } };
  assert.deepEqual(Object.entries(metadata.labels), [
    ['__proto__', '2'],
    ['constructor', '3'],
  ]);
});
