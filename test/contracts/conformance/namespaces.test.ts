import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aWire, type Json, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const PATH = '/api/v1/namespaces';
const finalizersOf = (namespace: Json): unknown => (namespace['spec'] as { finalizers?: unknown }).finalizers;
const statusOf = (namespace: Json): { readonly phase?: string; readonly conditions?: readonly object[] } =>
  namespace['status'] as { phase?: string; conditions?: readonly object[] };

test('[CFM40] finalizers of a namespace are added and removed through finalize, and nowhere else', async () => {
  const made = await wire.post(PATH, { metadata: { name: 'finalized' } });
  assert.deepEqual(finalizersOf(made), ['kubernetes']);
  const finalizers = ['kubernetes', 'e2e.example.com/fake'];
  const held = await wire.put(`${PATH}/finalized/finalize`, { ...made, spec: { finalizers } });
  assert.deepEqual(finalizersOf(held), finalizers);
  const ignored = await wire.put(`${PATH}/finalized`, { ...held, spec: { finalizers: [] } });
  assert.deepEqual(finalizersOf(ignored), finalizers);
  const freed = await wire.put(`${PATH}/finalized/finalize`, { ...ignored, spec: { finalizers: ['kubernetes'] } });
  assert.deepEqual(finalizersOf(await wire.get(`${PATH}/finalized`)), finalizersOf(freed));
});

test('[CFM41] a namespace takes labels by update and by strategic patch', async () => {
  const made = await wire.post(PATH, { metadata: { name: 'labelled' } });
  const labels = { ...made.metadata.labels, updated: 'yes' };
  await wire.put(`${PATH}/labelled`, { ...made, metadata: { ...made.metadata, labels } });
  await wire.patch(`${PATH}/labelled`, 'strategic-merge', { metadata: { labels: { patched: 'yes' } } });
  assert.deepEqual((await wire.get(`${PATH}/labelled`)).metadata.labels, {
    'kubernetes.io/metadata.name': 'labelled',
    updated: 'yes',
    patched: 'yes',
  });
});

test('[CFM42] the status of a namespace is read, patched and replaced with conditions, and its phase stays Active', async () => {
  await wire.post(PATH, { metadata: { name: 'reported' } });
  const path = `${PATH}/reported/status`;
  assert.equal(statusOf(await wire.get(path)).phase, 'Active');
  const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'patched by a test' };
  const patched = await wire.patch(path, 'merge', {
    metadata: { annotations: { note: 'patched' } },
    status: { conditions: [condition] },
  });
  assert.deepEqual([patched.metadata.annotations?.['note'], statusOf(patched).conditions], ['patched', [condition]]);
  const more = { ...condition, type: 'StatusUpdate', message: 'replaced by a test' };
  const replaced = await wire.put(path, {
    ...patched,
    status: { ...statusOf(patched), conditions: [condition, more] },
  });
  assert.deepEqual(statusOf(replaced), { phase: 'Active', conditions: [condition, more] });
});
