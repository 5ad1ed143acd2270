import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, toStatus } from '#api/errors';
import { aPipeline, failure, namespaceRequest, type TestPipeline } from '#test/builders/pipeline';

const names = (list: { items: readonly { metadata: { name: string } }[] }): readonly string[] =>
  list.items.map(({ metadata }) => metadata.name);

async function withWidgets(...created: readonly string[]): Promise<TestPipeline> {
  const pipeline = await aPipeline();
  for (const name of created) {
    await pipeline.create(name, {
      metadata: { labels: { first: name.charAt(0) } },
      spec: { color: name.length > 1 ? 'red' : 'blue' },
    });
  }
  return pipeline;
}

test('[REG40] a list is ordered by namespace and name and carries the revision it was read at', async () => {
  await using pipeline = await withWidgets('c', 'a', 'b');
  await pipeline.ask(namespaceRequest('alpha'));
  await pipeline.ask({ verb: 'create', namespace: 'alpha', body: { metadata: { name: 'z' }, spec: {} } });
  const all = await pipeline.list({ namespace: undefined as never });
  assert.deepEqual([names(all), all.resourceVersion], [['z', 'a', 'b', 'c'], String(pipeline.store.revision)]);
  assert.deepEqual(names(await pipeline.list()), ['a', 'b', 'c']);
});

test('[REG41] label and field selectors filter; an unknown field is refused', async () => {
  await using pipeline = await withWidgets('a', 'ab', 'b', 'bb');
  const list = async (options: object) => names(await pipeline.list({ options }));
  assert.deepEqual(await list({ labelSelector: 'first in (b)' }), ['b', 'bb']);
  assert.deepEqual(await list({ fieldSelector: 'metadata.name=a' }), ['a']);
  assert.deepEqual(await list({ fieldSelector: 'metadata.name!=a,spec.color=blue' }), ['b']);
  assert.deepEqual(await list({ labelSelector: 'first=b', fieldSelector: 'spec.color=red' }), ['bb']);
  await assert.rejects(
    list({ fieldSelector: 'spec.size=1' }),
    failure('BadRequest', 'field label not supported: spec.size'),
  );
  await assert.rejects(list({ labelSelector: '=,' }), { reason: 'BadRequest' });
});

test('[REG42] pages are of one revision, whatever is written between them', async () => {
  await using pipeline = await withWidgets('a', 'b', 'c', 'd', 'e');
  const first = await pipeline.list({ options: { limit: 2 } });
  await pipeline.create('bb');
  await pipeline.ask({ verb: 'delete', name: 'c' });
  assert.ok(first.continue);
  const second = await pipeline.list({ options: { limit: 2, continue: first.continue } });
  assert.ok(second.continue);
  const third = await pipeline.list({ options: { limit: 2, continue: second.continue } });
  assert.deepEqual([names(first), names(second), names(third)], [['a', 'b'], ['c', 'd'], ['e']]);
  assert.deepEqual([first.remainingItemCount, second.remainingItemCount, third.continue], [3, 1, undefined]);
  assert.equal(new Set([first, second, third].map(({ resourceVersion }) => resourceVersion)).size, 1);
});

test('[REG42] pages of any size, read while others write at random, are together the list of their revision', async () => {
  await using pipeline = await aPipeline();
  const { random } = pipeline.world;
  const some = (): string => `w${Math.floor(random() * 40)}`;
  const write = async (): Promise<void> => {
    const name = some();
    const wish = random() < 0.6 ? pipeline.create(name) : pipeline.ask({ verb: 'delete', name });
    await wish.catch((error: { reason: string }) => assert.match(error.reason, /AlreadyExists|NotFound/));
  };
  for (let count = 0; count < 60; count++) await write();
  for (let round = 0; round < 30; round++) {
    const whole = await pipeline.list();
    const limit = 1 + Math.floor(random() * 12);
    const paged = [];
    let next: string | undefined;
    do {
      const page = await pipeline.list({ options: { limit, ...(next === undefined ? {} : { continue: next }) } });
      assert.equal(page.resourceVersion, whole.resourceVersion);
      paged.push(...page.items);
      next = page.continue;
      await write();
    } while (next !== undefined);
    assert.deepEqual(paged, whole.items);
  }
});

test('[REG43] pages of a filtered list hold as many matches as asked for, and no count of the rest', async () => {
  await using pipeline = await withWidgets('a', 'b', 'ba', 'bb', 'c', 'bc');
  const options = { limit: 2, labelSelector: 'first=b' };
  const first = await pipeline.list({ options });
  assert.ok(first.continue);
  const second = await pipeline.list({ options: { ...options, continue: first.continue } });
  assert.deepEqual([names(first), names(second), first.remainingItemCount], [['b', 'ba'], ['bb', 'bc'], undefined]);
});

test('[REG44] a continue token whose revision is no longer known fails with Expired, a broken one with BadRequest', async () => {
  await using pipeline = await aPipeline({ retainedEvents: 5 });
  for (const name of ['a', 'b', 'c']) await pipeline.create(name);
  const { continue: token = '' } = await pipeline.list({ options: { limit: 1 } });
  for (const name of ['d', 'e', 'f', 'g', 'h', 'i']) await pipeline.create(name);
  await assert.rejects(pipeline.list({ options: { limit: 1, continue: token } }), { reason: 'Expired', code: 410 });
  const broken = (text: string, why: string): Promise<void> =>
    assert.rejects(
      pipeline.list({ options: { continue: text } }),
      failure('BadRequest', `invalid continue token: continue key is not valid: ${why}`),
    );
  const encoded = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  const v = 'meta.k8s.io/v1';
  await broken('a b', 'illegal base64 data at input byte 1');
  await broken('abcd', "invalid character 'i' looking for beginning of value");
  await broken(encoded({ v: 'v9', rv: 1, start: 'a' }), 'server does not recognize this encoded version v9');
  await broken(encoded({ v, start: 'a' }), `incorrect encoded start resourceVersion (version ${v})`);
  await broken(encoded({ v, rv: 1 }), `encoded start key empty (version ${v})`);
});

test('[REG45] a resourceVersion that is no number is refused', async () => {
  await using pipeline = await aPipeline();
  await assert.rejects(
    pipeline.list({ options: { resourceVersion: 'x' } }),
    failure('BadRequest', 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'),
  );
});

test('[REG47] a list whose revision is no longer known goes on at the newest one, if the client says so', async () => {
  await using pipeline = await aPipeline({ retainedEvents: 5 });
  for (const name of ['a', 'b', 'c']) await pipeline.create(name);
  const first = await pipeline.list({ options: { limit: 1 } });
  for (const name of ['d', 'e', 'f', 'g', 'h', 'i']) await pipeline.create(name);
  const expired: unknown = await pipeline
    .list({ options: { limit: 1, continue: first.continue ?? '' } })
    .catch((error: unknown) => error);
  assert.ok(expired instanceof ApiError && expired.continue !== undefined);
  assert.match(expired.message, /use the continue token in this response to retrieve the remainder of the results/);
  assert.deepEqual(toStatus(expired).metadata, { continue: expired.continue });
  const second = await pipeline.list({ options: { limit: 2, continue: expired.continue } });
  assert.deepEqual([names(second), second.remainingItemCount], [['b', 'c'], 6]);
  assert.ok(Number(second.resourceVersion) > Number(first.resourceVersion));
  const rest = await pipeline.list({ options: { continue: second.continue ?? '' } });
  assert.deepEqual(names(rest), ['d', 'e', 'f', 'g', 'h', 'i']);
  assert.equal(rest.resourceVersion, second.resourceVersion);
});

test('[REG45] resourceVersion: "Exact" reads the past, "NotOlderThan" the present, both wait for the future for three seconds', async () => {
  await using pipeline = await withWidgets('a');
  const { resourceVersion } = await pipeline.list();
  await pipeline.create('b');
  const list = (options: object) => pipeline.list({ options });
  assert.deepEqual(names(await list({ resourceVersion, resourceVersionMatch: 'Exact' })), ['a']);
  assert.deepEqual(names(await list({ resourceVersion, resourceVersionMatch: 'NotOlderThan' })), ['a', 'b']);
  assert.deepEqual(names(await list({ resourceVersion, limit: 5 })), ['a']);
  assert.deepEqual(names(await list({ resourceVersion: '0' })), ['a', 'b']);
  const future = pipeline.store.revision + 1;
  const waiting = list({ resourceVersion: String(future) });
  await pipeline.world.advance(1000);
  await pipeline.create('c');
  await pipeline.world.advance(1000);
  assert.deepEqual(names(await waiting), ['a', 'b', 'c']);
  const never = assert.rejects(list({ resourceVersion: String(future + 100) }), {
    reason: 'Timeout',
    message: `Too large resource version: ${future + 100}, current: ${future}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
  await pipeline.world.advance(4000);
  await never;
});

test('[REG46] combinations of paging and resourceVersion that mean nothing are refused', async () => {
  await using pipeline = await withWidgets('a', 'b');
  const { continue: token = '' } = await pipeline.list({ options: { limit: 1 } });
  const refused = (options: object, reason: string) => assert.rejects(pipeline.list({ options }), { reason });
  await refused({ continue: token, resourceVersion: '5' }, 'BadRequest');
  await refused({ continue: token, resourceVersionMatch: 'Exact', resourceVersion: '5' }, 'Invalid');
  await refused({ resourceVersionMatch: 'Exact' }, 'Invalid');
  await refused({ resourceVersionMatch: 'Exact', resourceVersion: '0' }, 'Invalid');
  await refused({ resourceVersion: 'abc' }, 'BadRequest');
});
