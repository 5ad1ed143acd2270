import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactInteger, isExactInteger } from '../meta/exact-integer.ts';
import { isJsonObject } from '../meta/json-value.ts';
import { DecodeError } from './decode-error.ts';
import { scanJson } from './json-scan.ts';
import { MAX_BODY_BYTES, parseJson } from './json-text.ts';

test('[API20] valid JSON reads as the platform reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), (text) => {
      fc.pre(text.isWellFormed());
      assert.deepEqual(rounded(parseJson(text).value), JSON.parse(text));
    }),
  );
});

/** The value as the platform holds it: with whole numbers rounded to doubles. */
function rounded(value: unknown): unknown {
  if (isExactInteger(value)) return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)]));
}

const anInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
);

test('[API23] whole numbers of 64 bits keep every digit, wherever they stand, and are written as they were read', () => {
  fc.assert(
    fc.property(fc.array(anInteger), (numbers) => {
      const text = `{"list":[${numbers.join(',')}],"at":{"text":"9223372036854775807","number":${numbers[0] ?? 0}}}`;
      const { value } = parseJson(text);
      assert.equal(JSON.stringify(value), text);
      assert.deepEqual((value as { list: unknown }).list, numbers.map(exactInteger));
    }),
  );
});

test('[API23] a number that is not whole or longer than 64 bits is the nearest double', () => {
  const numbers = [
    '9007199254740993.0',
    '9007199254740993e0',
    '123456789012345678901234567890',
    '-18446744073709551616',
  ];
  assert.deepEqual(parseJson(`[${numbers.join(',')}]`).value, numbers.map(Number));
});

/** The platform reads it, and none of its numbers as an infinite one, which only the platform takes. */
function isReadable(text: string): boolean {
  let finite = true;
  try {
    JSON.parse(text, (_key, value: unknown) => {
      finite &&= typeof value !== 'number' || Number.isFinite(value);
      return value;
    });
    return finite;
  } catch {
    return false;
  }
}

test('[API20] what the platform refuses is refused', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', '}', ']', '"', ',', ':', '\\', '-', '.', 'e', 'x'),
      (text, at, insert) => {
        const place = at % (text.length + 1);
        const broken = text.slice(0, place) + insert + text.slice(insert === '' ? place + 1 : place);
        if (isReadable(broken)) parseJson(broken);
        else assert.throws(() => parseJson(broken), DecodeError, broken);
      },
    ),
    { numRuns: 500 },
  );
});

const BROKEN = {
  '': 'unexpected end of JSON input',
  '{': 'unexpected end of JSON input',
  '{"a": 1,}': "invalid character '}' looking for beginning of object key string",
  '{a: 1}': "invalid character 'a' looking for beginning of object key string",
  '{"a" 1}': "invalid character '1' after object key",
  '{"a": 1 "b": 2}': `invalid character '"' after object key:value pair`,
  '[1 2]': "invalid character '2' after array element",
  '{} {}': "invalid character '{' after top-level value",
  "{'a': 1}": String.raw`invalid character '\'' looking for beginning of object key string`,
  '[tru]': "invalid character ']' in literal true (expecting 'e')",
  '[01]': "invalid character '1' after array element",
  '[1.]': "invalid character ']' after decimal point in numeric literal",
  '[1e+]': "invalid character ']' in exponent of numeric literal",
  '[-]': "invalid character ']' in numeric literal",
  '["\n"]': String.raw`invalid character '\n' in string literal`,
  [String.raw`["\x"]`]: "invalid character 'x' in string escape code",
  [String.raw`["\u12g4"]`]: String.raw`invalid character 'g' in \u hexadecimal character escape`,
  '[undefined]': "invalid character 'u' looking for beginning of value",
  '"abc': 'unexpected end of JSON input',
};

for (const [text, message] of Object.entries(BROKEN)) {
  test(`[API20] broken JSON ${JSON.stringify(text)} is refused in upstream's words`, () => {
    assert.throws(() => parseJson(text), new DecodeError(message));
  });
}

test('[API21] keys that appear twice in one object are told by their paths, each once', () => {
  const text = '{"a":1,"b":{"c":[{"d":1,"d":2,"d":3}]},"a":2,"e":{"a":1}}';
  assert.deepEqual(parseJson(text).duplicateFields, ['b.c[0].d', 'a']);
  assert.deepEqual(parseJson(String.raw`{"a":1,"\u0061":2}`).duplicateFields, ['a']);
  const many = Array.from({ length: 40 }, (_each, index) => `"k${index % 30}":0`).join(',');
  assert.equal(parseJson(`{${many}}`).duplicateFields.length, 10);
});

test('[API21] a key that appears twice is found in any text, however its strings are written', () => {
  const word = fc.constantFrom('a', 'b', 'a:', '"', String.raw`\\`, 'a"', String.raw`"a\\":`, '{', '\u2028');
  const blank = fc.constantFrom('', ' ', '\n\t');
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      word.map((text) => JSON.stringify(text)),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(word, blank, tie('value')), { maxLength: 4 })
        .map((fields) => `{${fields.map(([key, space, part]) => `${JSON.stringify(key)}${space}:${part}`).join(',')}}`),
    ),
  }));
  let repeated = 0;
  fc.assert(
    fc.property(value, (text) => {
      const found = scanJson(text);
      if (found.length > 0) repeated += 1;
      assert.deepEqual(parseJson(text), { value: JSON.parse(text), duplicateFields: found });
    }),
    { numRuns: 1000 },
  );
  assert.ok(repeated > 50, `only ${repeated} texts had a key twice`);
});

test('[API22] JSON nested deeper than 100 levels is refused, whatever its size', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(parseJson(nested(100)));
  assert.throws(() => parseJson(nested(101)), new DecodeError('exceeded max depth'));
  assert.throws(() => parseJson('{"a":'.repeat(500_000)), new DecodeError('exceeded max depth'));
});

test('[API22] JSON of more than 3 MiB is refused', () => {
  assert.throws(() => parseJson(`"${'x'.repeat(MAX_BODY_BYTES)}"`), DecodeError);
});

test('[API22] a surrogate that stands alone is refused, escaped or not', () => {
  assert.throws(() => parseJson(String.raw`"\ud800"`), DecodeError);
  assert.throws(() => parseJson('"\ud800"'), DecodeError);
  assert.equal(parseJson(String.raw`"\ud83d\ude00"`).value, '😀');
});

test('[API22] a key called __proto__ stays a key', () => {
  const { value } = parseJson('{"__proto__": {"polluted": true}}');
  assert.deepEqual(Object.keys(value as object), ['__proto__']);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('[API24] a large text with too many fields in one object, too many values or levels is refused before it is read', () => {
  const fields = Array.from({ length: 10_001 }, (_each, index) => `"field-${index}":0`).join(',');
  assert.throws(() => parseJson(`{"a":{${fields}}}`), new DecodeError('too many fields in one object: limit is 10000'));
  for (const value of ['[]', '{}', '"a,b"', '1', '{"a":1}']) {
    const count = value.includes('1}') ? 50_000 : 100_000;
    const [enough, tooMany] = [count - 1, count].map((times) => `[${Array(times).fill(value).join(',')}]`);
    assert.equal((parseJson(enough ?? '').value as readonly unknown[]).length, count - 1);
    assert.throws(() => parseJson(tooMany ?? ''), new DecodeError('too many values: limit is 100000'));
  }
  assert.throws(() => parseJson('['.repeat(3_000_000)), new DecodeError('exceeded max depth'));
  const many = `[${Array.from({ length: 20_000 }, () => '{"a":"{[:","b":"\\\\\\""}').join(',')}]`;
  assert.equal((parseJson(many).value as readonly unknown[]).length, 20_000);
  assert.throws(() => parseJson(`${many}]`), DecodeError);
});

test('[API25] a number that is too large for a double is refused instead of becoming nothing', () => {
  for (const number of ['1e309', '-1e400', '9'.repeat(400)]) {
    assert.throws(
      () => parseJson(`{"a":[${number}]}`),
      new DecodeError(`json: cannot unmarshal number ${number.slice(0, 100)} into Go value of type float64`),
    );
  }
  assert.deepEqual(parseJson('[1e308,-1e-400]').value, [1e308, -0]);
});
