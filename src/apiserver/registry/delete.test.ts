import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPipeline, failure, namespaceRequest, objectOf } from '#test/builders/pipeline';

const absent = failure('NotFound', 'widgets.test.example "web" not found');

test('[REG30] an object that nothing holds is removed at once and answered as it was', async () => {
  await using pipeline = await aPipeline();
  const { metadata } = await pipeline.create('web');
  const result = await pipeline.ask({ verb: 'delete', name: 'web' });
  assert.deepEqual([result.type === 'object' && result.removed, objectOf(result).metadata.uid], [true, metadata.uid]);
  await assert.rejects(pipeline.get('web'), absent);
  await assert.rejects(pipeline.ask({ verb: 'delete', name: 'web' }), absent);
});

test('[REG31] finalizers keep a deleted object, and removing the last one removes it', async () => {
  await using pipeline = await aPipeline();
  const finalizers = ['test.example/a', 'test.example/b'];
  await pipeline.create('web', { metadata: { finalizers } });
  const dying = objectOf(await pipeline.ask({ verb: 'delete', name: 'web' }));
  assert.deepEqual(
    [dying.metadata.deletionTimestamp, dying.metadata.deletionGracePeriodSeconds, dying.metadata.generation],
    ['2026-01-01T00:00:00Z', 0, 2],
  );
  const write = { verb: 'patch', name: 'web', patchType: 'application/merge-patch+json' } as const;
  await pipeline.ask({ ...write, body: { metadata: { finalizers: ['test.example/b'] } } });
  await assert.rejects(
    pipeline.ask({ ...write, body: { metadata: { finalizers: ['test.example/c'] } } }),
    failure(
      'Invalid',
      'Widget.test.example "web" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"test.example/c"}',
    ),
  );
  await pipeline.ask({ ...write, body: { metadata: { finalizers: null } } });
  await assert.rejects(pipeline.get('web'), absent);
});

test('[REG32] a grace period marks the object with its end, may only be shortened, and zero removes at once', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web', { spec: { graceSeconds: 30 } });
  const remove = async (gracePeriodSeconds?: number) => {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    const { metadata } = objectOf(await pipeline.ask({ verb: 'delete', name: 'web', options }));
    return [metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds, metadata.generation];
  };
  assert.deepEqual(await remove(), ['2026-01-01T00:00:30Z', 30, 2]);
  await pipeline.world.advance(5000);
  assert.deepEqual(await remove(60), ['2026-01-01T00:00:30Z', 30, 2]);
  assert.deepEqual(await remove(), ['2026-01-01T00:00:30Z', 30, 2]);
  assert.deepEqual(await remove(10), ['2026-01-01T00:00:10Z', 10, 2]);
  await remove(0);
  await assert.rejects(pipeline.get('web'), absent);
});

test('[REG33] a negative grace period is one second', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web', { spec: { graceSeconds: 30 } });
  const request = { verb: 'delete', name: 'web', options: { gracePeriodSeconds: -5 } } as const;
  const { metadata } = objectOf(await pipeline.ask(request));
  assert.deepEqual([metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds], ['2026-01-01T00:00:01Z', 1]);
});

test('[REG34] the propagation policy becomes the finalizer of the garbage collector', async () => {
  await using pipeline = await aPipeline();
  const finalizersAfter = async (propagationPolicy: 'Orphan' | 'Foreground' | 'Background') => {
    await pipeline.create('web', { metadata: { finalizers: ['test.example/a'] } });
    const { metadata } = objectOf(await pipeline.ask({ verb: 'delete', name: 'web', options: { propagationPolicy } }));
    const write = { verb: 'patch', name: 'web', patchType: 'application/merge-patch+json' } as const;
    await pipeline.ask({ ...write, body: { metadata: { finalizers: null } } });
    return metadata.finalizers;
  };
  assert.deepEqual(await finalizersAfter('Orphan'), ['test.example/a', 'orphan']);
  assert.deepEqual(await finalizersAfter('Foreground'), ['test.example/a', 'foregroundDeletion']);
  assert.deepEqual(await finalizersAfter('Background'), ['test.example/a']);
});

test('[REG35] a precondition that does not hold refuses the delete', async () => {
  await using pipeline = await aPipeline();
  const { metadata } = await pipeline.create('web');
  const remove = (preconditions: { uid?: string; resourceVersion?: string }) =>
    pipeline.ask({ verb: 'delete', name: 'web', options: { preconditions } });
  await assert.rejects(
    remove({ uid: 'other' }),
    failure(
      'Conflict',
      `Operation cannot be fulfilled on widgets.test.example "web": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    ),
  );
  await assert.rejects(remove({ resourceVersion: '1' }), { reason: 'Conflict' });
  await remove({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
});

test('[REG36] deleting a collection deletes what its selectors find and lists it', async () => {
  await using pipeline = await aPipeline();
  for (const name of ['a', 'b', 'c']) {
    await pipeline.create(name, { metadata: { labels: { tier: name === 'b' ? 'back' : 'front' } } });
  }
  const options = { labelSelector: 'tier=front' };
  const result = await pipeline.ask({ verb: 'deletecollection', options });
  assert.ok(result.type === 'list');
  assert.deepEqual(
    result.list.items.map(({ metadata }) => metadata.name),
    ['a', 'c'],
  );
  assert.deepEqual(
    (await pipeline.list()).items.map(({ metadata }) => metadata.name),
    ['b'],
  );
});

test('[REG37] a deleted namespace is Terminating until its finalizer is removed through finalize', async () => {
  await using pipeline = await aPipeline();
  await pipeline.ask(namespaceRequest('team'));
  const about = { group: '', plural: 'namespaces', name: 'team', namespace: undefined as never };
  const dying = objectOf(await pipeline.ask({ ...about, verb: 'delete' })) as unknown as {
    metadata: object;
    status: object;
    spec: object;
  };
  assert.deepEqual(dying.status, { phase: 'Terminating' });
  assert.deepEqual(dying.spec, { finalizers: ['kubernetes'] });
  assert.equal('deletionGracePeriodSeconds' in dying.metadata, false);
  await pipeline.ask({ ...about, verb: 'update', subresource: 'finalize', body: { ...dying, spec: {} } });
  await assert.rejects(pipeline.ask({ ...about }), failure('NotFound', 'namespaces "team" not found'));
});

test('[REG38] a dry run of a delete removes nothing', async () => {
  await using pipeline = await aPipeline();
  const stored = await pipeline.create('web');
  await pipeline.ask({ verb: 'delete', name: 'web', options: { dryRun: true } });
  assert.equal(await pipeline.get('web'), stored);
});
