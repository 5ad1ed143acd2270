import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '#api/object';
import type { Change } from './informer.ts';
import { ObjectCache } from './object-cache.ts';

type Thing = ApiObject & { readonly color: string };

function aThing(name: string, revision: number, color = 'red'): Thing {
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: `${revision}`, creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Thing', metadata, color };
}

function aCache(): { readonly cache: ObjectCache<Thing>; readonly seen: string[] } {
  const seen: string[] = [];
  const cache = new ObjectCache<Thing>((change) => seen.push(told(change)));
  return { cache, seen };
}

function relist(cache: ObjectCache<Thing>, items: readonly Thing[], revision: number): void {
  const listing = cache.relist();
  listing.add(items);
  listing.end(revision);
}

const told = ({ before, after }: Change<Thing>): string => `${version(before)}>${version(after)}`;
const version = (thing: Thing | undefined): string => thing?.metadata.resourceVersion ?? '';

test('[CLT20] an observed write is visible at once, and its echo is no second change', () => {
  const { cache, seen } = aCache();
  relist(cache, [aThing('a', 1)], 1);
  cache.observe(aThing('a', 5), 'written');
  assert.equal(version(cache.get({ namespace: 'default', name: 'a' })), '5');
  cache.deliver('put', aThing('a', 3));
  cache.deliver('put', aThing('a', 5));
  assert.deepEqual(seen, ['>1', '1>5']);
});

test('[CLT21] an observed removal hides the object, and older events do not bring it back', () => {
  const { cache, seen } = aCache();
  relist(cache, [aThing('a', 1)], 1);
  cache.observe(aThing('a', 5), 'removed');
  cache.deliver('put', aThing('a', 3));
  cache.deliver('delete', aThing('a', 5));
  assert.deepEqual(cache.list(), []);
  cache.deliver('put', aThing('a', 9));
  assert.deepEqual(seen, ['>1', '1>', '>9']);
});

test('[CLT21] a removal that came back with the last revision of the object counts too', () => {
  const { cache } = aCache();
  relist(cache, [aThing('a', 1)], 7);
  cache.observe(aThing('a', 1), 'removed');
  assert.deepEqual(cache.list(), []);
});

test('[CLT22] a write that the stream has already overtaken changes nothing', () => {
  const { cache, seen } = aCache();
  relist(cache, [aThing('a', 1)], 1);
  cache.deliver('put', aThing('a', 2));
  cache.deliver('delete', aThing('a', 3));
  cache.observe(aThing('a', 2), 'written');
  cache.observe(aThing('a', 2), 'removed');
  assert.deepEqual({ left: cache.list(), seen }, { left: [], seen: ['>1', '1>2', '2>'] });
});

test('[CLT23] a new list removes what it does not hold, except what was written after it was made', () => {
  const { cache } = aCache();
  relist(cache, [aThing('a', 1), aThing('b', 2)], 2);
  cache.observe(aThing('c', 9), 'written');
  relist(cache, [aThing('b', 2)], 5);
  assert.deepEqual(
    cache.list().map(({ metadata }) => metadata.name),
    ['b', 'c'],
  );
});

test('[CLT23] a new list that comes in parts shows each at once, and removes what none of them holds', () => {
  const { cache, seen } = aCache();
  relist(cache, [aThing('a', 1), aThing('b', 2), aThing('c', 3)], 3);
  const listing = cache.relist();
  listing.add([aThing('a', 4)]);
  cache.observe(aThing('d', 9), 'written');
  cache.observe(aThing('c', 8), 'removed');
  listing.add([aThing('c', 3)]);
  listing.end(7);
  assert.deepEqual(seen, ['>1', '>2', '>3', '1>4', '>9', '3>', '2>']);
});

test('[CLT24] an index answers as a scan would, through changes and removals', () => {
  const byColor = (thing: Thing): readonly string[] => [thing.color];
  const { cache } = aCache();
  cache.deliver('put', aThing('a', 1, 'red'));
  cache.addIndex('color', byColor);
  cache.addIndex('color', byColor);
  cache.deliver('put', aThing('b', 2, 'red'));
  cache.deliver('put', aThing('a', 3, 'blue'));
  cache.deliver('delete', aThing('b', 4, 'red'));
  assert.deepEqual([cache.byIndex('color', 'red').length, cache.byIndex('color', 'blue').map(version)], [0, ['3']]);
  assert.throws(() => cache.addIndex('color', () => []), /Cannot add index "color": it exists with another function/);
  assert.throws(() => cache.byIndex('size', '1'), /Cannot read index "size": it was not added/);
});

// The server's history of one object, as the stream tells it; observing may run ahead of the stream at any point.
const history = fc.array(fc.constantFrom('put', 'delete'), { minLength: 1, maxLength: 12 });

test('[CLT20] however observing and the stream interleave, versions only grow and the end is the truth', () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat(11), { maxLength: 12 }), (steps, ahead) => {
      const shown: number[] = [];
      const cache = new ObjectCache<Thing>(({ after }) => after && shown.push(Number(version(after))));
      const play = (index: number, how: 'deliver' | 'observe'): void => {
        const thing = aThing('a', index + 1);
        const removed = steps[index] === 'delete';
        if (how === 'deliver') cache.deliver(removed ? 'delete' : 'put', thing);
        else cache.observe(thing, removed ? 'removed' : 'written');
      };
      steps.forEach((_step, index) => {
        for (const early of ahead) if (early < steps.length && early % (index + 1) === 0) play(early, 'observe');
        play(index, 'deliver');
      });
      assert.deepEqual(
        shown,
        shown.toSorted((left, right) => left - right),
      );
      assert.equal(cache.list().length, steps.at(-1) === 'delete' ? 0 : 1);
    }),
  );
});
