import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { ApiError } from '#api/errors';
import type { RequestHandler } from '#api/request';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { systemWorld } from '#base/world';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { heldInformers } from '#test/fakes/held-informers';
import type { Client } from './client.ts';
import { inProcessClient } from './in-process.ts';
import type { Change } from './informer.ts';
import { createInformers } from './informers.ts';
import { observingClient } from './observing-client.ts';

const namespace = 'default';
const aConfigMap = (name: string, size = '1') => ({ metadata: { namespace, name }, data: { size } });
const names = (objects: readonly ConfigMap[]): readonly string[] =>
  objects.map(({ metadata }) => metadata.name).toSorted();
const told = ({ before, after }: Change<ConfigMap>): string =>
  `${before?.data?.['size'] ?? ''}>${after?.data?.['size'] ?? ''}`;

test('[CLT25] an informer holds what the server has and follows every change', async () => {
  await using cluster = await aCluster();
  const { client, informers, world } = cluster;
  await client.create(ConfigMap, aConfigMap('a'));
  const informer = informers.for(ConfigMap);
  await informers.synced();
  assert.deepEqual(names(informer.list()), ['a']);
  const changes: string[] = [];
  using _subscription = informer.subscribe((change) => changes.push(told(change)));
  const created = await client.create(ConfigMap, aConfigMap('b', '2'));
  await client.update(ConfigMap, { ...created, data: { size: '3' } });
  await client.delete(ConfigMap, { namespace, name: 'b' });
  await world.settle();
  assert.deepEqual(
    { changes, left: names(informer.list(namespace)) },
    { changes: ['>1', '>2', '2>3', '3>'], left: ['a'] },
  );
  assert.equal(informers.for(ConfigMap), informer);
});

test('[CLT26] through an observing client, a write is in the informer before it returns', async () => {
  await using cluster = await aCluster();
  const { informers } = cluster;
  const client = observingClient(cluster.client, informers, { ...cluster, types: [ConfigMap] });
  const informer = informers.for(ConfigMap);
  await informer.synced;
  const changes: string[] = [];
  using _subscription = informer.subscribe((change) => changes.push(told(change)));
  const created = await client.create(ConfigMap, aConfigMap('a'));
  assert.deepEqual(informer.get({ namespace, name: 'a' }), created);
  await client.delete(ConfigMap, { namespace, name: 'a' });
  assert.equal(informer.get({ namespace, name: 'a' }), undefined);
  await client.create(ConfigMap, aConfigMap('b'), { dryRun: true });
  await cluster.world.settle();
  assert.deepEqual({ changes, left: informer.list() }, { changes: ['>1', '1>'], left: [] });
});

test('[CLT26b] whose answer to a write is lost has seen what became of it before that is told', async () => {
  await using cluster = await aCluster();
  const { world } = cluster;
  const informers = heldInformers(); // hears of nothing but of what is observed
  const lost = new ApiError('ServiceUnavailable', 'the answer broke off');
  let looks = 0;
  const afterwards = async <T>(write: Promise<T>): Promise<T> => {
    await write;
    throw lost;
  };
  const line: Client = {
    ...cluster.client,
    create: (...asked) => afterwards(cluster.client.create(...asked)),
    update: (...asked) => afterwards(cluster.client.update(...asked)),
    delete: (...asked) => afterwards(cluster.client.delete(...asked)),
    list: (...asked) => (++looks % 2 === 1 ? Promise.reject(lost) : cluster.client.list(...asked)),
  };
  const client = observingClient(line, informers, { ...cluster, types: [ConfigMap] });
  const held = () => informers.for(ConfigMap).get({ namespace, name: 'a' });
  const isLost = async (write: Promise<unknown>): Promise<void> => {
    const told = assert.rejects(write, lost);
    await world.advance(1_000);
    await told;
  };
  await isLost(client.create(ConfigMap, aConfigMap('a', '1')));
  const first = held();
  assert.ok(first?.data?.['size'] === '1');
  await isLost(client.update(ConfigMap, { ...first, data: { size: '2' } }));
  assert.equal(held()?.data?.['size'], '2');
  looks = 0;
  // What the server refuses it has not done.
  await assert.rejects(client.update(ConfigMap, first), { reason: 'Conflict' });
  assert.equal(looks, 0);
  await isLost(client.delete(ConfigMap, { namespace, name: 'a' }));
  assert.equal(held(), undefined);
  await isLost(client.create(ConfigMap, { metadata: { namespace, generateName: 'made-up-' } }));
  assert.match(names(informers.for(ConfigMap).list()).join(), /^made-up-.{5}$/);
});

test('[CLT26b] a made-up name that is taken is followed by another', async () => {
  await using cluster = await aCluster();
  let draws = 0;
  const random = (): number => (draws++ < 10 ? 0 : 0.5); // two names of five characters each, and then another
  const world = { ...cluster.world, random };
  const client = observingClient(cluster.client, cluster.informers, { ...cluster, world, types: [ConfigMap] });
  const made = { metadata: { namespace, generateName: 'a-' } };
  const both = [await client.create(ConfigMap, made), await client.create(ConfigMap, made)];
  assert.deepEqual(names(both), ['a-bbbbb', 'a-rrrrr']);
  await assert.rejects(client.create(ConfigMap, { metadata: { namespace, name: 'a-bbbbb' } }), {
    reason: 'AlreadyExists',
  });
});

test('[CLT27] a handler that fails harms no other, and what a handler writes reaches all in the same order', async () => {
  await using cluster = await aCluster();
  const { client, informers, world } = cluster;
  const informer = informers.for(ConfigMap);
  await informer.synced;
  const first: string[] = [];
  const second: string[] = [];
  using _failing = informer.subscribe(() => {
    throw new Error('this handler is broken');
  });
  using _writing = informer.subscribe((change) => {
    first.push(told(change));
    const { after } = change;
    if (after === undefined || after.data?.['size'] !== '1') return;
    const metadata = { ...after.metadata, resourceVersion: String(Number(after.metadata.resourceVersion) + 1) };
    informer.observe({ ...after, metadata, data: { size: '2' } }, 'written');
  });
  using _reading = informer.subscribe((change) => second.push(told(change)));
  await client.create(ConfigMap, aConfigMap('a'));
  await world.settle();
  assert.deepEqual(
    [first, second],
    [
      ['>1', '1>2'],
      ['>1', '1>2'],
    ],
  );
});

/** A handler in front of the cluster's that can break the line. */
function aBreakableLine(cluster: TestCluster): {
  readonly handle: RequestHandler;
  broken: ApiError | undefined;
  cut(): void;
  readonly watches: string[];
} {
  let scope = new AbortController();
  const watches: string[] = [];
  const line = {
    watches,
    broken: undefined as ApiError | undefined,
    cut: () => {
      scope.abort(new ApiError('ServiceUnavailable', 'cut'));
      scope = new AbortController();
    },
    handle: (async (request) => {
      if (line.broken !== undefined) throw line.broken;
      if (request.verb !== 'watch') return await cluster.handle(request);
      watches.push(request.options.resourceVersion ?? '');
      return await cluster.handle({ ...request, signal: AbortSignal.any([request.signal, scope.signal]) });
    }) satisfies RequestHandler,
  };
  return line;
}

test('[CLT28] a broken stream is taken up where it broke off, after a pause that grows', async () => {
  await using cluster = await aCluster();
  const world = virtualWorld();
  const line = aBreakableLine(cluster);
  const ending = new AbortController();
  const client = inProcessClient(line.handle, { name: 'tester', groups: ['system:masters'] });
  const informers = createInformers({ client, world, logger: silentLogger(), signal: ending.signal });
  const informer = informers.for(ConfigMap);
  await informer.synced;
  await world.settle();
  line.broken = new ApiError('ServiceUnavailable', 'down');
  line.cut();
  await cluster.client.create(ConfigMap, aConfigMap('a'));
  await world.advance(60_000);
  const before = line.watches.length;
  line.broken = undefined;
  await world.runUntil(() => informer.list().length === 1, 60_000);
  assert.deepEqual({ tries: line.watches.length - before, names: names(informer.list()) }, { tries: 1, names: ['a'] });
  ending.abort();
  await world.settle();
  assert.equal(world.pendingTimers(), 0);
});

test('[CLT28b] streams that end as soon as they begin are not asked for again without a pause', async () => {
  await using cluster = await aCluster();
  const world = virtualWorld();
  const ending = new AbortController();
  let watches = 0;
  const client = inProcessClient(
    async (request) => {
      if (request.verb !== 'watch') return await cluster.handle(request);
      watches++;
      return { type: 'watch', events: (async function* () {})() };
    },
    { name: 'tester', groups: ['system:masters'] },
  );
  const informers = createInformers({ client, world, logger: silentLogger(), signal: ending.signal });
  await informers.for(ConfigMap).synced;
  await world.advance(10_000);
  ending.abort();
  await world.settle();
  assert.ok(watches > 2 && watches < 30, `${watches} streams in ten seconds`);
});

test('[CLT37] a long list is read in pages, and in one piece when its revision is forgotten on the way', async () => {
  await using cluster = await aCluster();
  const many = Array.from({ length: 1100 }, (_, index) => `m-${1000 + index}`);
  await Promise.all(many.map((name) => cluster.client.create(ConfigMap, aConfigMap(name))));
  const sizes = async (refusedPage?: number): Promise<readonly number[]> => {
    const lists: number[] = [];
    const ending = new AbortController();
    const handle: RequestHandler = async (request) => {
      if (request.verb === 'list' && lists.push(request.options.limit ?? 0) === refusedPage) {
        throw new ApiError('Expired', 'too old');
      }
      return await cluster.handle(request);
    };
    const client = inProcessClient(handle, { name: 'tester', groups: ['system:masters'] });
    const reading = { client, world: cluster.world, logger: silentLogger(), signal: ending.signal };
    const informer = createInformers(reading).for(ConfigMap);
    await informer.synced;
    ending.abort();
    assert.equal(informer.list(namespace).length, many.length);
    return lists;
  };
  assert.deepEqual(
    [await sizes(), await sizes(2)],
    [
      [500, 500, 500],
      [500, 500, 0],
    ],
  );
});

test('[CLT38] what there is can be told in parts, and what changes or goes meanwhile is told as it is', async () => {
  await using cluster = await aCluster();
  const { client } = cluster;
  const many = Array.from({ length: 600 }, (_, index) => `m-${1000 + index}`);
  await Promise.all(many.map((name) => client.create(ConfigMap, aConfigMap(name))));
  const ending = new AbortController();
  const reading = { client, world: systemWorld(), logger: silentLogger(), signal: ending.signal };
  const informer = createInformers(reading).for(ConfigMap);
  await informer.synced;
  const heard = new Map<string, string>();
  const subscribing = informer.subscribeInParts(({ before, after }) => {
    heard.set((after ?? before)?.metadata.name ?? '', after?.data?.['size'] ?? 'gone');
  });
  assert.ok(heard.size < many.length);
  const last = await client.get(ConfigMap, { namespace, name: 'm-1599' });
  await client.update(ConfigMap, { ...last, data: { size: '2' } });
  await client.delete(ConfigMap, { namespace, name: 'm-1598' });
  (await subscribing)[Symbol.dispose]();
  ending.abort();
  assert.deepEqual([heard.size, heard.get('m-1000'), heard.get('m-1599')], [many.length, '1', '2']);
  assert.equal(heard.get('m-1598'), 'gone');
});

test('[CLT29] an expired revision leads to a new list, whose differences are told as changes', async () => {
  await using cluster = await aCluster();
  const world = virtualWorld();
  const line = aBreakableLine(cluster);
  const ending = new AbortController();
  const client = inProcessClient(line.handle, { name: 'tester', groups: ['system:masters'] });
  await cluster.client.create(ConfigMap, aConfigMap('a'));
  const informer = createInformers({ client, world, logger: silentLogger(), signal: ending.signal }).for(ConfigMap);
  await informer.synced;
  const changes: string[] = [];
  using _subscription = informer.subscribe((change) => changes.push(told(change)));
  await world.settle();
  line.broken = new ApiError('Expired', 'too old resource version: 1 (9)');
  line.cut();
  await cluster.client.delete(ConfigMap, { namespace, name: 'a' });
  await cluster.client.create(ConfigMap, aConfigMap('b', '2'));
  await world.advance(2000);
  line.broken = undefined;
  await world.runUntil(() => changes.length === 3, 60_000);
  assert.deepEqual(changes, ['>1', '>2', '1>']);
  ending.abort();
});
