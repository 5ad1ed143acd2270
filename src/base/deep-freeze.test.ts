import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from './deep-freeze.ts';

test('[BAS26] nothing in a deep-frozen value can be changed', () => {
  const value = deepFreeze({ spec: { containers: [{ name: 'web', ports: [{ port: 80 }] }] }, none: null, count: 1 });
  assert.throws(() => ((value.spec.containers[0] as { name: string }).name = 'other'), TypeError);
  assert.throws(() => value.spec.containers[0]?.ports.push({ port: 81 }), TypeError);
  assert.equal(deepFreeze('text'), 'text');
  assert.equal(deepFreeze(null), null);
});

test('[BAS26] parts that are frozen already are not visited again', () => {
  let visits = 0;
  const shared = Object.freeze({
    get spec() {
      visits++;
      return 1;
    },
  });
  const changed = deepFreeze({ status: { ready: true }, shared });
  assert.deepEqual([visits, Object.isFrozen(changed.status)], [0, true]);
});

test('[BAS26] bytes stay writable, and nesting deeper than the stack is no trouble', () => {
  const bytes = deepFreeze({ body: new Uint8Array(2) });
  bytes.body[0] = 7;
  assert.deepEqual([...bytes.body], [7, 0]);
  let deep: readonly unknown[] = [];
  for (let level = 0; level < 200_000; level++) deep = [deep];
  assert.ok(Object.isFrozen(deepFreeze(deep)));
});
