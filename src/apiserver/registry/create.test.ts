import { generatedName } from '#api/meta/generated-name';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPipeline, failure, namespaceRequest, objectOf, WIDGET } from '#test/builders/pipeline';

test('[REG1] a new object gets uid, time, generation and resourceVersion from the server, whatever was sent', async () => {
  await using pipeline = await aPipeline();
  const sent = { uid: 'mine', resourceVersion: '0', generation: 5, creationTimestamp: '1999-01-01T00:00:00Z' };
  const { metadata } = await pipeline.create('web', { metadata: { ...sent, selfLink: '/x', labels: { app: 'web' } } });
  assert.deepEqual(metadata, {
    name: 'web',
    labels: { app: 'web' },
    namespace: 'default',
    uid: '00000001-0000-4000-8000-000000000002',
    resourceVersion: '3',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  });
});

test('[REG2] a name is generated from generateName, cut to 63 characters, and another one when it is taken', async () => {
  await using pipeline = await aPipeline();
  const first = await pipeline.create('', { metadata: { generateName: 'web-' } });
  assert.match(first.metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(
    generatedName('x'.repeat(80), () => 0),
    `${'x'.repeat(58)}bbbbb`,
  );
  const same = () => 0;
  const world = pipeline.world as { random: () => number };
  world.random = same;
  const taken = await pipeline.create('', { metadata: { generateName: 'api-' } });
  assert.equal(taken.metadata.name, 'api-bbbbb');
  let calls = 0;
  world.random = () => (calls++ < 5 ? 0 : 0.99);
  const second = await pipeline.create('', { metadata: { generateName: 'api-' } });
  assert.equal(second.metadata.name, 'api-99999');
  world.random = same;
  await assert.rejects(
    pipeline.create('', { metadata: { generateName: 'api-' } }),
    failure('AlreadyExists', 'widgets.test.example "api-bbbbb" already exists'),
  );
});

test('[REG3] creating what exists fails with AlreadyExists and says if it is on its way out', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('web', { metadata: { finalizers: ['test.example/hold'] } });
  await assert.rejects(pipeline.create('web'), failure('AlreadyExists', 'widgets.test.example "web" already exists'));
  await pipeline.ask({ verb: 'delete', name: 'web' });
  await assert.rejects(
    pipeline.create('web'),
    failure('AlreadyExists', 'object is being deleted: widgets.test.example "web" already exists'),
  );
});

test('[REG4] objects are made only in namespaces that exist and are not being deleted', async () => {
  await using pipeline = await aPipeline();
  const body = { metadata: { name: 'web' }, spec: {} };
  await assert.rejects(
    pipeline.ask({ verb: 'create', namespace: 'nowhere', body }),
    failure('NotFound', 'namespaces "nowhere" not found'),
  );
  await pipeline.ask(namespaceRequest('doomed'));
  await pipeline.ask({
    group: '',
    plural: 'namespaces',
    verb: 'delete',
    name: 'doomed',
    namespace: undefined as never,
  });
  await assert.rejects(pipeline.ask({ verb: 'create', namespace: 'doomed', body }), {
    ...failure(
      'Forbidden',
      'widgets.test.example "web" is forbidden: unable to create new content in namespace doomed because it is being terminated',
    ),
    details: {
      name: 'web',
      group: 'test.example',
      kind: 'widgets',
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: 'namespace doomed is being terminated',
          field: 'metadata.namespace',
        },
      ],
    },
  });
});

test('[REG5] the namespace in the body, if there is one, is that of the URL', async () => {
  await using pipeline = await aPipeline();
  await assert.rejects(
    pipeline.create('web', { metadata: { namespace: 'other' } }),
    failure('BadRequest', 'the namespace of the provided object does not match the namespace sent on the request'),
  );
});

test('[REG6] all errors of metadata and spec come in one answer, each with its field', async () => {
  await using pipeline = await aPipeline();
  await assert.rejects(
    pipeline.create('web', { metadata: { labels: { 'a b': 'x' } }, spec: { size: 13 } }),
    (error) => {
      const { code, details } = error as { code: number; details: { causes: { field: string }[] } };
      assert.equal(code, 422);
      assert.deepEqual(
        details.causes.map(({ field }) => field),
        ['metadata.labels', 'spec.size'],
      );
      return true;
    },
  );
});

test('[REG7] a dry run passes every check and writes nothing', async () => {
  await using pipeline = await aPipeline();
  const body = { metadata: { name: 'web' }, spec: {} };
  const before = pipeline.store.revision;
  const result = await pipeline.ask({ verb: 'create', body, options: { dryRun: true } });
  const { metadata } = objectOf(result);
  assert.equal('resourceVersion' in metadata, false);
  assert.equal(metadata.uid.length, 36);
  assert.equal(pipeline.store.revision, before);
  await assert.rejects(pipeline.get('web'), failure('NotFound', 'widgets.test.example "web" not found'));
  await pipeline.create('web');
  await assert.rejects(pipeline.ask({ verb: 'create', body, options: { dryRun: true } }), { reason: 'AlreadyExists' });
});

test('[REG8] a client may not bring a status along, and hears the warnings of the kind', async () => {
  await using pipeline = await aPipeline();
  const body = { metadata: { name: 'web' }, spec: { size: 7 }, status: { ready: 3 } };
  const result = await pipeline.ask({ verb: 'create', body });
  assert.deepEqual(result, {
    type: 'object',
    status: 201,
    object: await pipeline.get('web'),
    warnings: ['spec.size: 7 is a lot to ask'],
  });
  assert.equal('status' in objectOf(result), false);
});

test('[REG9] mutating admission runs before defaults and validation, validating admission after them', async () => {
  const seen: unknown[] = [];
  await using pipeline = await aPipeline({
    admission: [
      {
        name: 'Grow',
        handles: ({ definition }) => definition.plural === WIDGET.plural,
        mutate: ({ object }) => ({ ...object, spec: { size: 13 } }) as typeof object,
        validate: () => {
          seen.push('validated');
        },
      },
    ],
  });
  await assert.rejects(pipeline.create('web', { spec: { size: 1 } }), { reason: 'Invalid' });
  assert.deepEqual(seen, []);
});

test('[REG26] of several equal references to an owner one is kept, and the others are warned of', async () => {
  await using pipeline = await aPipeline();
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u1' };
  const told = (found: string): string =>
    `.metadata.ownerReferences contains duplicate entries${found}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u1`;
  const body = { metadata: { name: 'web', ownerReferences: [owner, { ...owner }, { ...owner, name: 'b' }] } };
  const made = await pipeline.ask({ verb: 'create', body });
  assert.deepEqual([objectOf(made).metadata.ownerReferences?.length, made.warnings], [2, [told('')]]);
  const replaced = await pipeline.ask({ verb: 'update', name: 'web', body });
  assert.deepEqual([objectOf(replaced).metadata.ownerReferences?.length, replaced.warnings], [2, [told('')]]);
  const document = { metadata: body.metadata };
  const patchType = 'application/merge-patch+json';
  const patched = await pipeline.ask({ verb: 'patch', name: 'web', patchType, body: document });
  assert.equal(objectOf(patched).metadata.ownerReferences?.length, 2);
  assert.deepEqual(patched.warnings, [told(' after mutating admission happens')]);
});

test('[REG27] what names a resourceVersion is not created, whatever else is there', async () => {
  await using pipeline = await aPipeline();
  const body = { metadata: { name: 'web', resourceVersion: '5' } };
  const refusal = failure('Unknown', 'resourceVersion should not be set on objects to be created');
  await assert.rejects(pipeline.ask({ verb: 'create', body }), refusal);
  await pipeline.create('web');
  await assert.rejects(pipeline.ask({ verb: 'create', body }), refusal);
  const zero = { metadata: { name: 'api', resourceVersion: '0' } };
  assert.equal(objectOf(await pipeline.ask({ verb: 'create', body: zero })).metadata.name, 'api');
});
