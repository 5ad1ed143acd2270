import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { aborted, abortScope, deadlineScope, isAbortOf, onAbort, unlessAborted } from './abort.ts';
import { virtualWorld } from './virtual-world.ts';

test('[BAS10] a disposed listener is not called and leaves nothing on the signal', () => {
  const controller = new AbortController();
  let calls = 0;
  const listening = onAbort(controller.signal, () => calls++);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  listening[Symbol.dispose]();
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  controller.abort();
  assert.equal(calls, 0);
  onAbort(controller.signal, () => calls++)[Symbol.dispose]();
  assert.equal(calls, 1);
});

test('[BAS10] what has listened to the same signal is told each in its turn, unless it stopped before that', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const last = onAbort(controller.signal, () => told.push('last'));
  const rest = ['one', 'two'].map((name) =>
    onAbort(controller.signal, () => {
      told.push(name);
      last[Symbol.dispose]();
    }),
  );
  onAbort(controller.signal, () => told.push('three'));
  rest[0]?.[Symbol.dispose]();
  controller.abort();
  assert.deepEqual(told, ['last', 'two', 'three']);
});

test('[BAS11] a scope ends with its first parent and lets go of all of them', () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const scope = abortScope(one.signal, two.signal);
  two.abort('two left');
  one.abort('one left');
  assert.deepEqual([scope.signal.aborted, scope.signal.reason], [true, 'two left']);
  assert.equal(getEventListeners(one.signal, 'abort').length, 0);

  const open = new AbortController();
  {
    using inner = abortScope(open.signal);
    assert.equal(inner.signal.aborted, false);
  }
  assert.equal(getEventListeners(open.signal, 'abort').length, 0);
  const released = abortScope(open.signal);
  released.release();
  assert.deepEqual([released.signal.aborted, getEventListeners(open.signal, 'abort').length], [false, 0]);
  assert.equal(abortScope(AbortSignal.abort('before'), open.signal).signal.reason, 'before');
  assert.equal(getEventListeners(open.signal, 'abort').length, 0);
});

test('[BAS11] who listens to a scope is told once, when it has ended, unless it stopped before that', () => {
  const parent = new AbortController();
  const scope = abortScope(parent.signal);
  const told: unknown[] = [];
  const listen = (name: string): Disposable => onAbort(scope.signal, () => told.push([name, scope.signal.reason]));
  listen('gone')[Symbol.dispose]();
  listen('one');
  listen('two');
  parent.abort('enough');
  scope.abort('again');
  assert.deepEqual(told, [
    ['one', 'enough'],
    ['two', 'enough'],
  ]);
});

test('[BAS12] a deadline aborts its scope, and a scope that ended leaves no timer', async () => {
  const world = virtualWorld();
  const late = deadlineScope(100, world.clock);
  const early = deadlineScope(100, world.clock);
  early.abort();
  assert.equal(world.pendingTimers(), 1);
  await world.advance(100);
  assert.equal((late.signal.reason as DOMException).name, 'TimeoutError');
  assert.equal((late.signal.reason as DOMException).message, 'The deadline of 100 ms has passed');
});

test('[BAS13] waiting for work stops when the signal aborts', async () => {
  const controller = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve('done'), controller.signal), 'done');
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  const waiting = unlessAborted(new Promise<never>(() => undefined), controller.signal);
  const ending = aborted(controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await ending;
});

test('[BAS14] an ending that was asked for is told apart from a failure', async () => {
  const controller = new AbortController();
  const failure = new Error('disk is full');
  assert.equal(isAbortOf(failure, controller.signal), false);
  controller.abort();
  assert.equal(isAbortOf(failure, controller.signal), false);
  assert.equal(isAbortOf(controller.signal.reason, controller.signal), true);
  assert.equal(isAbortOf(new DOMException('This operation was aborted', 'AbortError'), controller.signal), true);
});
