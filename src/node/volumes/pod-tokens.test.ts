import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '#api/meta/time';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';
import { aBoundPod } from '#test/builders/pod-on-node';
import { PodTokens } from './pod-tokens.ts';

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;

function aSource() {
  const world = virtualWorld();
  const asked: unknown[] = [];
  const state = { fails: false, behindMs: 0 };
  const createSubresource = async (_type: unknown, target: unknown): Promise<unknown> => {
    if (state.fails) throw new Error('no server');
    asked.push(target);
    const { expirationSeconds } = (target as { body: { spec: { expirationSeconds: number } } }).body.spec;
    const expirationTimestamp = formatTime(world.clock.now() - state.behindMs + expirationSeconds * 1000);
    return { status: { token: `token-${asked.length}`, expirationTimestamp } };
  };
  const due: string[] = [];
  const tokens = new PodTokens({
    client: { createSubresource } as unknown as Client,
    world,
    logger: silentLogger(),
    signal: never,
    onDue: (uid) => due.push(uid),
  });
  return { world, asked, state, due, tokens };
}

test('[ACC70] a token is asked for once, bound to the pod, and again when a fifth of its life is left', async () => {
  const { world, asked, due, tokens } = aSource();
  const pod = aBoundPod({ spec: { serviceAccountName: 'robot' } });
  const get = () => tokens.get(pod, { path: 'token', expirationSeconds: 3600 }, never);
  assert.deepEqual([await get(), await get()], ['token-1', 'token-1']);
  const { name, namespace, uid } = pod.metadata;
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
  assert.deepEqual(asked, [
    {
      ref: { namespace, name: 'robot' },
      subresource: 'token',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: {},
        spec: { audiences: [], expirationSeconds: 3600, boundObjectRef },
      },
    },
  ]);
  await world.advance(0.79 * HOUR_MS);
  assert.deepEqual([due, await get()], [[], 'token-1']);
  await world.advance(0.01 * HOUR_MS);
  assert.deepEqual([due, await get()], [[uid], 'token-2']);
  assert.equal(await tokens.get(pod, { path: 't', audience: 'bank' }, never), 'token-3');
  tokens.release(uid);
  assert.equal(world.pendingTimers(), 0);
});

test('[ACC70b] a token that is over already by the clock of the node is asked for again after a while', async () => {
  const { world, asked, due, state, tokens } = aSource();
  state.behindMs = 2 * HOUR_MS;
  const pod = aBoundPod({});
  const get = () => tokens.get(pod, { path: 'token', expirationSeconds: 3600 }, never);
  assert.deepEqual([await get(), await get()], ['token-1', 'token-1']);
  await world.advance(29_000);
  assert.deepEqual([due.length, asked.length], [0, 1]);
  await world.advance(2_000);
  assert.deepEqual([due.length, await get()], [1, 'token-2']);
});

test('[ACC71] while it cannot be renewed the old token stays, until it has expired', async () => {
  const { world, state, due, tokens } = aSource();
  const pod = aBoundPod({});
  const get = () => tokens.get(pod, { path: 'token', expirationSeconds: 3600 }, never);
  await get();
  state.fails = true;
  await world.advance(0.8 * HOUR_MS);
  assert.equal(await get(), 'token-1');
  await world.advance(30_000);
  assert.equal(due.length, 2);
  await world.advance(0.2 * HOUR_MS);
  await assert.rejects(get(), /no server/);
});
