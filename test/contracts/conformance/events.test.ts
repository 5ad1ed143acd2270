import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aWire, type Json, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const CORE = '/api/v1/namespaces/default/events';
const NEW = '/apis/events.k8s.io/v1/namespaces/default/events';
const TIME = '2026-01-01T00:00:00.000000Z';
const regarding = { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default' };
const namesOf = ({ items = [] }: Json): readonly string[] => items.map(({ metadata }) => metadata.name);

const coreEvent = (name: string, labels: object = {}): object => ({
  metadata: { name, labels },
  involvedObject: regarding,
  reason: 'Test',
  message: 'a test event',
  type: 'Normal',
  source: { component: 'test' },
});

const newEvent = (name: string, labels: object = {}): object => ({
  metadata: { name, labels },
  regarding,
  reason: 'Test',
  action: 'Do',
  note: 'a test event',
  type: 'Normal',
  eventTime: TIME,
  reportingController: 'test-controller',
  reportingInstance: 'test-node',
});

test('[CFM70] a core event takes another message and a series, is found in all namespaces, and goes', async () => {
  await wire.post(CORE, coreEvent('core', { test: 'core' }));
  const found = await wire.get('/api/v1/events?labelSelector=test%3Dcore');
  assert.deepEqual(namesOf(found), ['core']);
  const patched = await wire.patch(`${CORE}/core`, 'strategic-merge', { message: 'another message' });
  assert.equal(patched['message'], 'another message');
  const series = { count: 100, lastObservedTime: TIME };
  await wire.put(`${CORE}/core`, { ...patched, series });
  const stored = await wire.get(`${CORE}/core`);
  assert.deepEqual([stored['message'], stored['series']], ['another message', series]);
  const same = await wire.get(`${NEW}/core`);
  assert.deepEqual([same['note'], same['series'], same.metadata.uid], ['another message', series, stored.metadata.uid]);
  await wire.delete(`${CORE}/core`);
  await wire.refused(404, `GET ${NEW}/core`);
});

test('[CFM71] an event of events.k8s.io is listed by field in all namespaces, takes a note and a series, and goes', async () => {
  await wire.post(NEW, newEvent('new'));
  const selector = encodeURIComponent('reportingController=test-controller');
  for (const path of [NEW, '/apis/events.k8s.io/v1/events']) {
    assert.deepEqual(namesOf(await wire.get(`${path}?fieldSelector=${selector}`)), ['new']);
    assert.deepEqual(namesOf(await wire.get(`${path}?fieldSelector=reportingController%3Dother`)), []);
  }
  assert.deepEqual(namesOf(await wire.get(`${NEW}?fieldSelector=regarding.name%3Dweb`)), ['new']);
  assert.match(
    await wire.refused(400, `GET ${NEW}?fieldSelector=involvedObject.name%3Dweb`),
    /field label not supported: involvedObject\.name/,
  );
  const patched = await wire.patch(`${NEW}/new`, 'strategic-merge', { note: 'another note' });
  assert.equal(patched['note'], 'another note');
  const series = { count: 100, lastObservedTime: TIME };
  const updated = await wire.put(`${NEW}/new`, { ...patched, series });
  assert.deepEqual([updated['note'], updated['series']], ['another note', series]);
  await wire.delete(`${NEW}/new`);
  await wire.refused(404, `GET ${NEW}/new`);
});

for (const [path, make] of [
  [CORE, coreEvent],
  [NEW, newEvent],
] as const) {
  test(`[CFM72] events of ${path.split('/')[2]} are deleted together by label`, async () => {
    for (const name of ['one', 'two', 'three']) await wire.post(path, make(name, { set: 'bulk' }));
    await wire.post(path, make('other', { set: 'else' }));
    const selected = `${path}?labelSelector=set%3Dbulk`;
    assert.equal(namesOf(await wire.get(selected)).length, 3);
    await wire.delete(selected);
    assert.deepEqual(namesOf(await wire.get(selected)), []);
    await wire.delete(`${path}/other`);
  });
}
