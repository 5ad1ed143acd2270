import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Recent } from './recent.ts';

const CAPACITY = 4;
const key = fc.integer({ min: 0, max: 12 });
const act = fc.record({ how: fc.constantFrom('get', 'set', 'delete'), key });

test('[BAS41] what was used last is remembered, and never more than twice as much', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const recent = new Recent<number, string>(CAPACITY);
      const values = new Map<number, string>(); // in the order of their last use
      for (const [index, { how, key: at }] of acts.entries()) {
        const value = how === 'set' ? `${at}-${index}` : recent.get(at);
        if (how === 'set') recent.set(at, value ?? '');
        else if (how === 'delete') recent.delete(at);
        if (how === 'get' && [...values.keys()].slice(-CAPACITY).includes(at)) assert.equal(value, values.get(at));
        values.delete(at);
        if (how !== 'delete' && value !== undefined) values.set(at, value);
        assert.ok(recent.size <= 2 * CAPACITY);
      }
    }),
  );
});
