import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from './new-id.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

test('[BAS8] new ids are random UUIDs, none like another', () => {
  const ids = Array.from({ length: 2000 }, newId);
  assert.deepEqual(
    ids.filter((id) => !UUID.test(id)),
    [],
  );
  assert.equal(new Set(ids).size, ids.length);
  // Every digit that is not fixed takes every value.
  const places = [0, 9, 15, 20, 24, 35];
  assert.deepEqual(
    places.map((place) => new Set(ids.map((id) => id[place])).size),
    places.map(() => 16),
  );
});
