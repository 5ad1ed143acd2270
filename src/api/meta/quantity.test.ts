import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalQuantity,
  formatQuantity,
  fromMilliUnits,
  fromWholeUnits,
  parseQuantity,
  QuantityError,
} from './quantity.ts';

const CANONICAL = {
  '0': '0',
  '-0': '0',
  '0.0Mi': '0',
  '1': '1',
  '+1': '1',
  '1.': '1',
  '.5': '500m',
  '0.1': '100m',
  '100m': '100m',
  '1000m': '1',
  '1500m': '1500m',
  '2000': '2k',
  '1100': '1100',
  '1e3': '1e3',
  '1E3': '1e3',
  '1100e0': '1100',
  '1e-1': '100e-3',
  '1E': '1E',
  '1000E': '1000E',
  '1Ki': '1Ki',
  '1024Mi': '1Gi',
  '1536Mi': '1536Mi',
  '0.5Mi': '512Ki',
  '1.5Gi': '1536Mi',
  '1000Ki': '1000Ki',
  '0.5Ki': '512',
  '100Ei': '9223372036854775807',
  '0.1n': '1n',
  '-0.1n': '-1n',
  '1.23456789012n': '2n',
  '-1Mi': '-1Mi',
  '0.0001Ki': '102400u',
  m: '0',
} as const;

for (const [text, canonical] of Object.entries(CANONICAL)) {
  test(`[API3] the quantity ${text} prints as ${canonical}`, () => {
    assert.equal(canonicalQuantity(text), canonical);
  });
}

test("[API4] a text that is no quantity is refused in upstream's words", () => {
  const format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  for (const text of ['', 'abc', '1 Gi', ' 1', '1.1.1', '1e1x', '١']) {
    assert.throws(() => parseQuantity(text), new QuantityError(format), text);
  }
  for (const text of ['1i', '1e', '1kk', '1mi', '1e99999999999999999999', '1e-600', '1ee3', '--1']) {
    assert.throws(() => parseQuantity(text), new QuantityError("unable to parse quantity's suffix"), text);
  }
});

test('[API4] a text of a megabyte is refused at once', () => {
  assert.throws(
    () => parseQuantity('1'.repeat(1_000_000)),
    new QuantityError('unable to parse numeric part of quantity'),
  );
});

test('[API3] what is printed is read back as the same amount, and printed the same again', () => {
  const suffix = fc.constantFrom(
    '',
    'n',
    'u',
    'm',
    'k',
    'M',
    'G',
    'T',
    'P',
    'E',
    'Ki',
    'Mi',
    'Gi',
    'Ti',
    'e3',
    'e-2',
    'E5',
  );
  const digits = fc.stringMatching(/^-?[0-9]{1,12}(\.[0-9]{1,4})?$/);
  fc.assert(
    fc.property(digits, suffix, (number, unit) => {
      const quantity = parseQuantity(`${number}${unit}`);
      const printed = formatQuantity(quantity);
      assert.equal(parseQuantity(printed).nanos, quantity.nanos);
      assert.equal(canonicalQuantity(printed), printed);
    }),
  );
});

test('[API3] counts become quantities', () => {
  assert.equal(formatQuantity(fromMilliUnits(2500, 'DecimalSI')), '2500m');
  assert.equal(formatQuantity(fromWholeUnits(1_073_741_824, 'BinarySI')), '1Gi');
});

test('[API4] a text as long as a body may be is refused at once', () => {
  for (const text of [`${'1'.repeat(1_000_000)}x`, `0.${'1'.repeat(1_000_000)}x`, `${'1'.repeat(1_000_000)}e1x`]) {
    assert.throws(() => parseQuantity(text), QuantityError);
  }
});
