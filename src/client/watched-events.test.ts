import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, isApiError, toStatus } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiResult, WatchEvent } from '#api/request';
import { WatchedEvents } from './watched-events.ts';

const anObject = (name: string): ApiObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }) as unknown as ApiObject;
const added = (name: string): WatchEvent => ({ type: 'ADDED', object: anObject(name) });
const expired: WatchEvent = {
  type: 'ERROR',
  object: toStatus(new ApiError('Expired', 'too old')) as unknown as ApiObject,
};

/** Notes that its reader has left. */
function aStream(batches: readonly (readonly WatchEvent[])[]): { readonly result: ApiResult; readonly left: string[] } {
  const left: string[] = [];
  async function* events(): AsyncGenerator<readonly WatchEvent[]> {
    try {
      yield* batches;
    } finally {
      left.push('left');
    }
  }
  return { result: { type: 'watch', events: events() } as ApiResult, left };
}

test('[CLT7b] what came before an error is told first, then the error is thrown and the stream is over', async () => {
  const { result, left } = aStream([[added('a')], [added('b'), expired, added('c')], [added('d')]]);
  const events = new WatchedEvents(() => Promise.resolve(result));
  assert.deepEqual(await events.next(), { done: false, value: [added('a')] });
  assert.deepEqual(await events.next(), { done: false, value: [added('b')] });
  await assert.rejects(events.next(), (error) => isApiError(error, 'Expired'));
  assert.deepEqual([await events.next(), left], [{ done: true, value: undefined }, ['left']]);
});

test('[CLT7b] a reader that leaves ends the stream, and one that leaves before it began asks for none', async () => {
  const { result, left } = aStream([[added('a')], [added('b')]]);
  const events = new WatchedEvents(() => Promise.resolve(result));
  await events.next();
  await events.return();
  assert.deepEqual([await events.next(), left], [{ done: true, value: undefined }, ['left']]);

  const never = new WatchedEvents(() => Promise.reject(new Error('asked')));
  await never.return();
  assert.deepEqual(await never.next(), { done: true, value: undefined });
});

test('[CLT7b] an answer that is no stream is an error', async () => {
  const events = new WatchedEvents(() => Promise.resolve({ type: 'object', status: 200, object: anObject('a') }));
  await assert.rejects(events.next(), /it is object, expected a stream of events/);
});
