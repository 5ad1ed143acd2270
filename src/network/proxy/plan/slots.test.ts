import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property, uniqueArray } from 'fast-check';
import { assignSlots } from './slots.ts';

test('[NET20] who stays keeps its number, newcomers fill gaps, the last fills what is left', () => {
  assert.deepEqual(assignSlots(['a', 'b', 'c'], ['c', 'b', 'a', 'd']), ['a', 'b', 'c', 'd']);
  assert.deepEqual(assignSlots(['a', 'b', 'c'], ['a', 'c', 'd']), ['a', 'd', 'c']);
  assert.deepEqual(assignSlots(['a', 'b', 'c', 'd'], ['b', 'c', 'd']), ['d', 'b', 'c']);
  assert.deepEqual(assignSlots(['a', 'b'], []), []);
});

test('[NET20] numbers have no gaps, hold exactly the wanted, and move no more than there are gaps', () => {
  const some = uniqueArray(constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
  check(
    property(some, array(some, { minLength: 1 }), (first, later) => {
      let slots: readonly string[] = assignSlots([], first);
      for (const wanted of later) {
        const next = assignSlots(slots, wanted);
        assert.deepEqual(next.toSorted(), wanted.toSorted());
        const stayed = slots.filter((holder) => wanted.includes(holder));
        const moved = stayed.filter((holder) => next.indexOf(holder) !== slots.indexOf(holder));
        assert.ok(moved.length <= slots.length - stayed.length);
        slots = next;
      }
    }),
  );
});
