import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ABSENT, MaxTree } from './max-tree.ts';

test('[PLG19] the tree knows what a look at every place would find', () => {
  const change = fc.tuple(fc.nat(12), fc.integer({ min: ABSENT, max: 4 }));
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const tree = new MaxTree(13);
      const plain = Array.from({ length: 13 }, () => ABSENT);
      for (const [place, value] of changes) {
        tree.set(place, value);
        plain[place] = value;
        const highest = Math.max(...plain);
        const places = highest === ABSENT ? [] : [...plain.keys()].filter((each) => plain[each] === highest);
        assert.deepEqual([tree.highest, tree.ties], [highest, places.length]);
        assert.deepEqual(
          places.map((_, rank) => tree.placeOf(rank)),
          places,
        );
      }
    }),
  );
});
