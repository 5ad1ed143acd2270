import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '#base/deep-freeze';
import { exactInteger } from './exact-integer.ts';
import { jsonBytes } from './json-bytes.ts';

const long = (text: string): readonly string[] => Array.from({ length: 100 }, () => text);
const parts = fc.record({ text: fc.string(), none: fc.constant(undefined), list: fc.array(fc.jsonValue()) });

test('[API55] the bytes of an object are its JSON, whatever it shares with others', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), parts, fc.string(), (names, part, text) => {
      const spec = { ...part, long: long(text), exact: exactInteger(2n ** 63n - 1n) };
      for (const name of ['a', ...names]) {
        const metadata = { name, labels: undefined, managedFields: [{ manager: name }, spec] };
        const object = deepFreeze({ kind: name, metadata, spec, status: part, none: undefined, [name]: 1 });
        assert.equal(jsonBytes(object).toString(), Buffer.from(JSON.stringify(object)).toString());
      }
    }),
  );
});
