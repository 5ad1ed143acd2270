import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '#api/request';
import { aPipeline, failure, objectOf, type TestPipeline, type Widget } from '#test/builders/pipeline';
import type { Authorizer } from '../authz/authorizer.ts';

const MODIFIED =
  'Operation cannot be fulfilled on widgets.test.example "web": the object has been modified; please apply your changes to the latest version and try again';

const patched = (document: unknown, more: Partial<ApiRequest> = {}): Partial<ApiRequest> => ({
  verb: 'patch',
  name: 'web',
  patchType: 'application/merge-patch+json',
  body: document,
  ...more,
});

const patch = async (pipeline: TestPipeline, document: unknown, more?: Partial<ApiRequest>): Promise<Widget> =>
  objectOf(await pipeline.ask(patched(document, more))) as Widget;

test('[REG10] an update of an older resourceVersion fails with Conflict, one without any takes the newest', async () => {
  await using pipeline = await aPipeline();
  const first = await pipeline.create('web');
  const second = await pipeline.update({ ...first, spec: { size: 2 } });
  await assert.rejects(pipeline.update({ ...first, spec: { size: 3 } }), failure('Conflict', MODIFIED));
  const { resourceVersion: _, ...metadata } = second.metadata;
  const third = await pipeline.update({ ...second, metadata: metadata as Widget['metadata'], spec: { size: 4 } });
  assert.equal(third.spec.size, 4);
});

test('[REG11] an update that changes nothing keeps the resourceVersion and writes nothing', async () => {
  await using pipeline = await aPipeline();
  const stored = await pipeline.create('web', { spec: { size: 2 } });
  const before = pipeline.store.revision;
  assert.equal(await pipeline.update(structuredClone(stored)), stored);
  assert.equal(await patch(pipeline, { spec: { size: 2 } }), stored);
  assert.equal(pipeline.store.revision, before);
});

test('[REG12] generation counts changes of the spec, not of metadata or status', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web');
  const labelled = await patch(pipeline, { metadata: { labels: { a: 'b' } } });
  const ready = await patch(pipeline, { status: { ready: 1 } }, { subresource: 'status' });
  const grown = await patch(pipeline, { spec: { size: 2 } });
  assert.deepEqual(
    [labelled, ready, grown].map(({ metadata }) => metadata.generation),
    [1, 1, 2],
  );
});

test('[REG13] a spec write keeps the status, a status write keeps the spec and all metadata but labels and annotations', async () => {
  await using pipeline = await aPipeline();
  const stored = await pipeline.create('web', { spec: { size: 2 } });
  await pipeline.update(
    { ...stored, status: { ready: 2 }, spec: { size: 9 }, metadata: { ...stored.metadata, finalizers: ['a/b'] } },
    { subresource: 'status' },
  );
  const next = await patch(pipeline, { spec: { size: 3 }, status: { ready: 7 } });
  assert.deepEqual([next.spec, next.status, next.metadata.finalizers], [{ size: 3 }, { ready: 2 }, undefined]);
});

test('[REG14] what the server owns stays: uid, times, name; contradicting it is refused', async () => {
  await using pipeline = await aPipeline();
  const stored = await pipeline.create('web');
  const bare = await pipeline.update({ ...stored, metadata: { name: 'web' } as Widget['metadata'], spec: { size: 2 } });
  assert.deepEqual(
    { ...bare.metadata, resourceVersion: '', generation: 0 },
    { ...stored.metadata, resourceVersion: '', generation: 0 },
  );
  await assert.rejects(
    pipeline.update({ ...bare, metadata: { ...bare.metadata, uid: 'other' } }),
    failure(
      'Conflict',
      `Operation cannot be fulfilled on widgets.test.example "web": Precondition failed: UID in precondition: other, UID in object meta: ${stored.metadata.uid}`,
    ),
  );
  await assert.rejects(
    pipeline.update({ ...bare, metadata: { ...bare.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    { reason: 'Invalid' },
  );
  await assert.rejects(
    pipeline.ask({ verb: 'update', name: 'api', body: bare }),
    failure('BadRequest', 'the name of the object (web) does not match the name on the URL (api)'),
  );
});

test('[REG28] an update says which object it is, and that is the one it was sent to', async () => {
  await using pipeline = await aPipeline();
  const stored = await pipeline.create('web');
  const unnamed = { ...stored, metadata: { ...stored.metadata, name: '' } };
  const nameless = failure(
    'BadRequest',
    'the name of the object (web based on URL) was undeterminable: name must be provided',
  );
  for (const subresource of [undefined, 'status', 'scale']) {
    const where = subresource === undefined ? {} : { subresource };
    await assert.rejects(pipeline.ask({ verb: 'update', name: 'web', body: unnamed, ...where }), nameless);
  }
  const document = [{ op: 'remove', path: '/metadata/name' }];
  const patchType = 'application/json-patch+json';
  await assert.rejects(pipeline.ask({ verb: 'patch', name: 'web', patchType, body: document }), nameless);
  const elsewhere = { ...stored, metadata: { ...stored.metadata, namespace: 'other', name: 'other' } };
  await assert.rejects(
    pipeline.ask({ verb: 'update', name: 'web', body: elsewhere }),
    failure('BadRequest', 'the namespace of the provided object does not match the namespace sent on the request'),
  );
});

test('[REG15] immutable fields and rules of the status are refused with their field', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web', { spec: { color: 'red' } });
  await assert.rejects(
    patch(pipeline, { spec: { color: 'blue' } }),
    failure('Invalid', 'Widget.test.example "web" is invalid: spec.color: Invalid value: "blue": field is immutable'),
  );
  await assert.rejects(
    patch(pipeline, { status: {} }, { subresource: 'status' }),
    failure('Invalid', 'Widget.test.example "web" is invalid: status.ready: Required value'),
  );
});

test('[REG16] an update or a patch creates nothing of most kinds', async () => {
  await using pipeline = await aPipeline();
  const absent = failure('NotFound', 'widgets.test.example "web" not found');
  await assert.rejects(pipeline.ask({ verb: 'update', name: 'web', body: { metadata: { name: 'web' } } }), absent);
  await assert.rejects(patch(pipeline, {}), absent);
});

test('[REG25] of some kinds an update makes what is not there, for those who may create it', async () => {
  const refused: string[] = [];
  const authorize: Authorizer = ({ user, verb }) => {
    const allowed = user.name === 'tester' || verb !== 'create';
    if (!allowed) refused.push(verb);
    return { allowed };
  };
  await using pipeline = await aPipeline({ authorize });
  const put: Partial<ApiRequest> = {
    verb: 'update',
    plural: 'gadgets',
    name: 'web',
    body: { metadata: { name: 'web' } },
  };
  await assert.rejects(pipeline.ask({ ...put, user: { name: 'guest', groups: [] } }), { reason: 'Forbidden' });
  assert.deepEqual(refused, ['create']);
  const body = { metadata: { name: 'web', uid: 'other' } };
  await assert.rejects(pipeline.ask({ ...put, body }), { reason: 'NotFound' });
  const made = await pipeline.ask(put);
  assert.equal(made.type === 'object' && made.status, 201);
  assert.equal(objectOf(made).metadata.name, 'web');
  const again = await pipeline.ask({ ...put, body: { metadata: { name: 'web', labels: { a: 'b' } } } });
  assert.equal(again.type === 'object' && again.status, 200);
  assert.equal(objectOf(again).metadata.uid, objectOf(made).metadata.uid);
});

test('[REG17] patches of one object at the same moment all take effect', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web');
  const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
  await Promise.all(keys.map((key) => patch(pipeline, { metadata: { labels: { [key]: 'set' } } })));
  const { metadata } = await pipeline.get('web');
  assert.deepEqual(Object.keys(metadata.labels ?? {}).toSorted(), keys.toSorted());
});

test('[REG18] a patch that names a resourceVersion applies to that state or fails with Conflict', async () => {
  await using pipeline = await aPipeline();
  const { metadata } = await pipeline.create('web');
  const { resourceVersion } = metadata;
  await patch(pipeline, { metadata: { resourceVersion, labels: { a: 'b' } } });
  await assert.rejects(patch(pipeline, { metadata: { resourceVersion, labels: {} } }), failure('Conflict', MODIFIED));
});

test('[REG19] a JSON patch that does not fit fails with Invalid', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web');
  const patchType = 'application/json-patch+json';
  const next = await patch(pipeline, [{ op: 'replace', path: '/spec/size', value: 4 }], { patchType });
  assert.equal(next.spec.size, 4);
  await assert.rejects(patch(pipeline, [{ op: 'test', path: '/spec/size', value: 5 }], { patchType }), {
    reason: 'Invalid',
  });
});

test('[REG24] no patch makes an object of another kind or version', async () => {
  await using pipeline = await aPipeline();
  const { apiVersion, kind } = await pipeline.create('web');
  const refusal = (why: string): object => ({ reason: 'Invalid', message: new RegExp(`: ${why}$`) });
  const otherKind = 'no kind "Gadget" is registered for version "test.example/v1"';
  await assert.rejects(patch(pipeline, { kind: 'Gadget' }), refusal(otherKind));
  await assert.rejects(patch(pipeline, { kind: null }), refusal("Object 'Kind' is missing in '.*'"));
  await assert.rejects(patch(pipeline, { apiVersion: null }), refusal("Object 'apiVersion' is missing in '.*'"));
  const document = [{ op: 'replace', path: '/apiVersion', value: 'v7' }];
  await assert.rejects(
    patch(pipeline, document, { patchType: 'application/json-patch+json' }),
    refusal('no kind "Widget" is registered for version "v7"'),
  );
  const same = await patch(pipeline, { apiVersion, kind, spec: { size: 2 } });
  assert.deepEqual([same.apiVersion, same.kind], [apiVersion, kind]);
});

test('[REG20] scale reads and writes the replicas of any kind that has them', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web', { spec: { size: 2 } });
  const scale = objectOf(await pipeline.ask({ name: 'web', subresource: 'scale' }));
  assert.deepEqual(
    { ...scale, metadata: scale.metadata.name },
    {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: 'web',
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=widget' },
    },
  );
  await patch(pipeline, { spec: { replicas: 5 } }, { subresource: 'scale' });
  assert.equal((await pipeline.get('web')).spec.size, 5);
  const update = { verb: 'update', name: 'web', subresource: 'scale' } as const;
  await assert.rejects(pipeline.ask({ ...update, body: { ...scale, spec: { replicas: 9 } } }), { reason: 'Conflict' });
  await assert.rejects(
    patch(pipeline, { spec: { replicas: -1 } }, { subresource: 'scale' }),
    failure(
      'Invalid',
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ),
  );
});

test('[REG21] a dry run of an update answers what would be and writes nothing', async () => {
  await using pipeline = await aPipeline();
  const stored = await pipeline.create('web');
  const next = await patch(pipeline, { spec: { size: 6 } }, { options: { dryRun: true } });
  assert.deepEqual([next.spec.size, next.metadata.generation], [6, 2]);
  assert.equal(await pipeline.get('web'), stored);
});

test('[REG22] what the server hands out is frozen and shared', async () => {
  await using pipeline = await aPipeline();
  const created = await pipeline.create('web', { spec: { size: 3 } });
  assert.equal(await pipeline.get('web'), created);
  assert.equal((await pipeline.list()).items[0], created);
  assert.ok(Object.isFrozen(created.spec));
  const labelled = await patch(pipeline, { metadata: { labels: { a: 'b' } } });
  assert.ok(Object.isFrozen(labelled.metadata.labels));
});
