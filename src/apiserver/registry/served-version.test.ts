import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '#api/request';
import { aPipeline, objectOf, type OldWidget } from '#test/builders/pipeline';

const old = (request: Partial<ApiRequest>): Partial<ApiRequest> => ({ version: 'v1old', ...request });

test('[REG80] a kind served in another version is written, read, listed and watched in it, and stored in its own', async () => {
  await using pipeline = await aPipeline();
  const watching = await pipeline.watch(old({}));
  const body = { metadata: { name: 'web' }, spec: { weight: 30 } };
  const created = objectOf(await pipeline.ask(old({ verb: 'create', body }))) as OldWidget;
  assert.deepEqual([created.apiVersion, created.spec], ['test.example/v1old', { weight: 30 }]);
  const stored = await pipeline.get('web');
  assert.deepEqual([stored.apiVersion, stored.spec], ['test.example/v1', { size: 3 }]);
  const update = old({ verb: 'update', name: 'web', body: { ...created, spec: { weight: 40 } } });
  assert.deepEqual((objectOf(await pipeline.ask(update)) as OldWidget).spec, { weight: 40 });
  const { items } = await pipeline.list(old({}));
  assert.deepEqual(items[0]?.spec, { weight: 40 });
  await pipeline.world.settle();
  assert.deepEqual(
    watching.events.map(({ type, object }) => [type, (object as OldWidget).spec.weight]),
    [
      ['ADDED', 30],
      ['MODIFIED', 40],
    ],
  );
});

test('[REG81] a patch applies to the object in the version it was sent to', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web', { spec: { size: 3, color: 'red' } });
  const patch = old({
    verb: 'patch',
    name: 'web',
    patchType: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/spec/weight', value: 30 },
      { op: 'replace', path: '/spec/weight', value: 50 },
    ],
  });
  assert.deepEqual((objectOf(await pipeline.ask(patch)) as OldWidget).spec, { weight: 50, color: 'red' });
  assert.deepEqual((await pipeline.get('web')).spec, { size: 5, color: 'red' });
});
