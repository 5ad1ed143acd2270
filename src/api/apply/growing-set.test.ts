import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FieldSet, NOTHING_BELOW } from './field-set.ts';
import { decodeFieldsV1 } from './fields-v1.ts';
import { GrowingSet, sharedSet } from './growing-set.ts';

const element = fc.constantFrom('f:a', 'f:b', 'f:a\0f:b', 'f:', 'f:__proto__', 'k:{"name":"x"}');
const elements = fc.uniqueArray(element, { maxLength: 4 });

test('[APL15] sets that grow the same way become one, and different ones stay as they are', () => {
  fc.assert(
    fc.property(elements, elements, (names, inner) => {
      const below = grown(inner, NOTHING_BELOW);
      const [once, again] = [grown(names, below), grown(names, grown(inner, NOTHING_BELOW))];
      assert.deepEqual(once, Object.fromEntries(names.map((name) => [name, below])));
      assert.equal(once, again);
      assert.ok(Object.isFrozen(once));
    }),
  );
});

test('[APL15] sets that nobody will have again are right, too', () => {
  const addresses = Array.from({ length: 1000 }, (_, index) => `k:{"ip":"198.18.${index >> 8}.${index & 255}"}`);
  for (const address of addresses) assert.deepEqual(grown([address], NOTHING_BELOW), { [address]: NOTHING_BELOW });
  assert.deepEqual(Object.keys(grown(addresses, NOTHING_BELOW)), addresses);
});

const grown = (names: readonly string[], below: FieldSet): FieldSet =>
  names.reduce((set, name) => set.with(name, below), GrowingSet.empty()).set;

test('[APL15] a set of any making becomes the one that was grown, as far as it is met again', () => {
  const conditions = { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} }, 'k:{"type":"Initialized"}': { '.': {} } };
  const make = (): FieldSet => sharedSet({ 'f:status': { 'f:conditions': conditions, 'f:phase': {} } });
  // However many come once.
  for (let index = 0; index < 110_000; index++) {
    grown([`k:{"ip":"${index}"}`], NOTHING_BELOW);
    if (index % 10 === 0) make();
  }
  const made = make();
  const read = decodeFieldsV1({ 'f:status': { 'f:conditions': structuredClone(conditions), 'f:phase': {} } });
  assert.deepEqual(made, { 'f:status': { 'f:conditions': conditions, 'f:phase': {} } });
  assert.equal(sharedSet(read ?? {}), made);
  assert.equal(sharedSet(made), made);
  const address = (ip: string): FieldSet => ({ 'f:podIPs': { [`k:{"ip":"${ip}"}`]: NOTHING_BELOW }, ...made });
  const known = Array.from({ length: 200 }, (_, index) => sharedSet(address(`198.18.7.${index}`)));
  assert.deepEqual(known[150], address('198.18.7.150'));
  assert.equal(known[150]?.['f:status'], made['f:status']);
  assert.equal(decodeFieldsV1(known[150]), known[150]);
});
