/** What every client does, whichever transport carries it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import type { ApiObject } from '#api/object';
import type { WatchEvent } from '#api/request';
import type { Client } from '#client/client';
import { aTemplate } from '../builders/workloads.ts';

export type ClientUnderTest = AsyncDisposable & { readonly client: Client };

const namespace = 'default';
const aConfigMap = (name: string, data: Readonly<Record<string, string>> = {}) => ({
  metadata: { namespace, name, labels: { name } },
  data,
});

export function clientContract(transport: string, open: () => Promise<ClientUnderTest>): void {
  test(`[CLT1] ${transport}: what is created can be read, listed, replaced and deleted`, async () => {
    await using opened = await open();
    const { client } = opened;
    const created = await client.create(ConfigMap, aConfigMap('a', { size: '1' }));
    assert.deepEqual([created.kind, created.apiVersion, created.metadata.name], ['ConfigMap', 'v1', 'a']);
    const ref = { namespace, name: 'a' };
    assert.deepEqual(await client.get(ConfigMap, ref), created);
    const updated = await client.update(ConfigMap, { ...created, data: { size: '2' } });
    assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion);
    const { items, resourceVersion } = await client.list(ConfigMap, { namespace, labelSelector: 'name=a' });
    assert.deepEqual(items, [updated]);
    assert.ok(Number(resourceVersion) >= Number(updated.metadata.resourceVersion));
    const removed = await client.delete(ConfigMap, ref);
    assert.deepEqual(
      [removed.kind, removed.metadata.name, removed.metadata.uid],
      ['ConfigMap', 'a', created.metadata.uid],
    );
    await assert.rejects(client.get(ConfigMap, ref), {
      reason: 'NotFound',
      code: 404,
      message: 'configmaps "a" not found',
    });
  });

  test(`[CLT2] ${transport}: what it hands out is frozen to its leaves`, async () => {
    await using opened = await open();
    const created = await opened.client.create(ConfigMap, aConfigMap('a', { size: '1' }));
    const { items } = await opened.client.list(ConfigMap, { namespace });
    for (const object of [created, ...items]) assert.ok(isDeeplyFrozen(object));
  });

  test(`[CLT3] ${transport}: failures are API errors with reason, code and details`, async () => {
    await using opened = await open();
    const { client } = opened;
    const created = await client.create(ConfigMap, aConfigMap('a'));
    await assert.rejects(client.create(ConfigMap, aConfigMap('a')), {
      name: 'ApiError',
      reason: 'AlreadyExists',
      code: 409,
      details: { name: 'a', kind: 'configmaps' },
    });
    await client.update(ConfigMap, { ...created, data: { size: '1' } });
    await assert.rejects(client.update(ConfigMap, { ...created, data: { size: '2' } }), { reason: 'Conflict' });
    const labelled = { metadata: { namespace, name: 'b', labels: { a: 'not a value' } } };
    await assert.rejects(client.create(ConfigMap, labelled), (error: unknown) => {
      assert.ok(error instanceof Error && 'details' in error);
      const { causes } = error.details as { readonly causes: readonly { readonly field: string }[] };
      assert.ok(causes.some(({ field }) => field === 'metadata.labels'));
      return true;
    });
  });

  test(`[CLT4] ${transport}: a patch of each kind changes what it names`, async () => {
    await using opened = await open();
    const { client } = opened;
    await client.create(ConfigMap, aConfigMap('a', { one: '1', two: '2' }));
    const ref = { namespace, name: 'a' };
    const merged = await client.patch(ConfigMap, {
      ref,
      patch: { type: 'application/merge-patch+json', document: { data: { one: null, three: '3' } } },
    });
    assert.deepEqual(merged.data, { two: '2', three: '3' });
    const replaced = await client.patch(ConfigMap, {
      ref,
      patch: { type: 'application/json-patch+json', document: [{ op: 'replace', path: '/data/two', value: 'II' }] },
    });
    assert.deepEqual(replaced.data, { two: 'II', three: '3' });
    const strategic = await client.patch(ConfigMap, {
      ref,
      patch: { type: 'application/strategic-merge-patch+json', document: { data: { four: '4' } } },
    });
    assert.deepEqual(strategic.data, { two: 'II', three: '3', four: '4' });
  });

  test(`[CLT5] ${transport}: the status is written through its subresource and nothing else with it`, async () => {
    await using opened = await open();
    const { client } = opened;
    const pod = await client.create(Pod, { metadata: { namespace, name: 'web' }, spec: aTemplate().spec });
    const meddled = { ...pod, metadata: { ...pod.metadata, labels: { not: 'mine' } }, status: { phase: 'Running' } };
    const updated = await client.update(Pod, meddled, { subresource: 'status' });
    assert.equal(updated.status?.phase, 'Running');
    assert.deepEqual(updated.spec, pod.spec);
  });

  test(`[CLT6] ${transport}: scale is read and written as its own object`, async () => {
    await using opened = await open();
    const { client } = opened;
    const selector = { matchLabels: { app: 'web' } };
    await client.create(Deployment, {
      metadata: { namespace, name: 'web' },
      spec: { selector, template: aTemplate() },
    });
    const ref = { namespace, name: 'web' };
    const scale = await client.getScale(Deployment, ref);
    assert.deepEqual([scale.spec.replicas, scale.status?.selector], [1, 'app=web']);
    assert.equal((await client.updateScale(Deployment, ref, { ...scale, spec: { replicas: 4 } })).spec.replicas, 4);
    assert.equal((await client.get(Deployment, ref)).spec.replicas, 4);
  });

  test(`[CLT7] ${transport}: a watch tells every change after its revision, in order, until it is ended`, async () => {
    await using opened = await open();
    const { client } = opened;
    const { resourceVersion } = await client.list(ConfigMap, { namespace });
    const ending = new AbortController();
    const events = collect(client.watch(ConfigMap, { namespace, resourceVersion, signal: ending.signal }), 3, ending);
    const created = await client.create(ConfigMap, aConfigMap('a'));
    const updated = await client.update(ConfigMap, { ...created, data: { size: '1' } });
    await client.delete(ConfigMap, { namespace, name: 'a' });
    const told = await events;
    assert.deepEqual(
      told.map(({ type }) => type),
      ['ADDED', 'MODIFIED', 'DELETED'],
    );
    assert.deepEqual([told[0]?.object, told[1]?.object], [created, updated]);
    assert.ok(told.every(({ object }) => isDeeplyFrozen(object)));
    assert.ok(Number(told[2]?.object.metadata.resourceVersion) > Number(updated.metadata.resourceVersion));
  });

  test(`[CLT8] ${transport}: an ended watch and an aborted request end, and leave the client usable`, async () => {
    await using opened = await open();
    const { client } = opened;
    const ending = new AbortController();
    const watching = collect(client.watch(ConfigMap, { namespace, signal: ending.signal }), Infinity, ending);
    await client.create(ConfigMap, aConfigMap('a'));
    ending.abort(new Error('enough'));
    await watching;
    await client.get(ConfigMap, { namespace, name: 'a' });
  });

  test(`[CLT9] ${transport}: long lists come in pages of one snapshot`, async () => {
    await using opened = await open();
    const { client } = opened;
    for (const name of ['a', 'b', 'c']) await client.create(ConfigMap, aConfigMap(name));
    const first = await client.list(ConfigMap, { namespace, limit: 2 });
    await client.create(ConfigMap, aConfigMap('d'));
    const second = await client.list(ConfigMap, { namespace, limit: 2, continue: first.continue ?? '' });
    const names = [...first.items, ...second.items].map(({ metadata }) => metadata.name);
    assert.deepEqual(
      { names, remaining: first.remainingItemCount, more: second.continue },
      { names: ['a', 'b', 'c'], remaining: 1, more: undefined },
    );
  });

  test(`[CLT10] ${transport}: a dry run answers as if and changes nothing`, async () => {
    await using opened = await open();
    const { client } = opened;
    assert.equal((await client.create(ConfigMap, aConfigMap('a'), { dryRun: true })).metadata.name, 'a');
    assert.deepEqual((await client.list(ConfigMap, { namespace })).items, []);
  });

  test(`[CLT11] ${transport}: a collection is deleted by selector`, async () => {
    await using opened = await open();
    const { client } = opened;
    for (const name of ['a', 'b']) await client.create(ConfigMap, aConfigMap(name));
    await client.deleteCollection(ConfigMap, { namespace, labelSelector: 'name=a' });
    const { items } = await client.list(ConfigMap, { namespace });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['b'],
    );
  });

  test(`[CLT12] ${transport}: deletion honours policy, grace period and preconditions`, async () => {
    await using opened = await open();
    const { client } = opened;
    const created = await client.create(ConfigMap, aConfigMap('a'));
    const ref = { namespace, name: 'a' };
    await assert.rejects(client.delete(ConfigMap, ref, { preconditions: { uid: 'another' } }), { reason: 'Conflict' });
    const waiting = await client.delete(ConfigMap, ref, {
      propagationPolicy: 'Foreground',
      preconditions: { uid: created.metadata.uid },
    });
    assert.deepEqual(waiting.metadata.finalizers, ['foregroundDeletion']);
    assert.notEqual(waiting.metadata.deletionTimestamp, undefined);
  });

  test(`[CLT13] ${transport}: a namespace is finalized through its subresource`, async () => {
    await using opened = await open();
    const { client } = opened;
    await client.create(Namespace, { metadata: { name: 'shop' }, spec: { finalizers: ['kubernetes'] } });
    const ending = await client.delete(Namespace, { name: 'shop' });
    await client.update(
      Namespace,
      { ...ending, spec: { ...ending.spec, finalizers: [] } },
      { subresource: 'finalize' },
    );
    await assert.rejects(client.get(Namespace, { name: 'shop' }), { reason: 'NotFound' });
  });
}

async function collect<T extends ApiObject>(
  events: AsyncIterable<readonly WatchEvent<T>[]>,
  count: number,
  ending: AbortController,
): Promise<readonly WatchEvent<T>[]> {
  const told: WatchEvent<T>[] = [];
  for await (const batch of events) {
    told.push(...batch.filter(({ type }) => type !== 'BOOKMARK'));
    if (told.length >= count) ending.abort();
  }
  return told;
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
