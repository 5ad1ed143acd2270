import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as core from '#api/types/core-v1';
import { formatTime } from '#api/meta/time';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { runEventExpiry } from './expire-events.ts';

const MINUTE_MS = 60_000;

test('[BOO2] an event is removed an hour after it last happened', async () => {
  const world = virtualWorld();
  await using store = await openStore({ engine: memoryEngine(), world });
  const ending = new AbortController();
  const running = runEventExpiry({ store, world, log: silentLogger(), signal: ending.signal });
  const startMs = world.clock.now();
  const write = (name: string, lastMs: number): Promise<unknown> => {
    const metadata = {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '',
      creationTimestamp: formatTime(startMs),
    };
    const event = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject: {}, lastTimestamp: formatTime(lastMs) };
    return store.write((tx) => tx.put(`/core/events/default/${name}`, event as core.Event));
  };
  await write('once', startMs);
  await write('again', startMs + 30 * MINUTE_MS);
  const names = (): readonly string[] => store.list('/core/events/').items.map(({ metadata }) => metadata.name);
  await world.advance(59 * MINUTE_MS);
  assert.deepEqual(names(), ['again', 'once']);
  await world.advance(2 * MINUTE_MS);
  assert.deepEqual(names(), ['again']);
  await world.advance(30 * MINUTE_MS);
  assert.deepEqual(names(), []);
  ending.abort();
  await running;
  assert.equal(world.pendingTimers(), 0);
});
