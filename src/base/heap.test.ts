import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from './heap.ts';

test('[BAS24] a heap gives its items smallest first, whatever order they came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (before, after) => {
      const heap = new Heap<number>((left, right) => left - right);
      for (const item of before) heap.push(item);
      const first = heap.pop();
      assert.equal(first, before.toSorted((left, right) => left - right)[0]);
      for (const item of after) heap.push(item);
      const rest: number[] = [];
      while (heap.size > 0) {
        assert.equal(heap.peek(), heap.peek());
        rest.push(heap.pop() as number);
      }
      const left = [...before, ...after].toSorted((one, other) => one - other);
      if (first !== undefined) left.splice(left.indexOf(first), 1);
      assert.deepEqual(rest, left);
    }),
    { seed: 1 },
  );
});
