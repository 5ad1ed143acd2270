import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addQuantities,
  compareQuantityTexts,
  milliValue,
  roundUpToMilli,
  subtractQuantities,
  sumOfQuantityTexts,
  unitValue,
} from './quantity-arithmetic.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';

test('[API5] quantities compare by amount, whatever their notation', () => {
  assert.equal(compareQuantityTexts('1Gi', '1024Mi'), 0);
  assert.equal(compareQuantityTexts('1G', '1Gi'), -1);
  assert.equal(compareQuantityTexts('0.2', '100m'), 1);
});

test('[API5] a sum keeps the notation of its first part that is not zero', () => {
  assert.equal(sumOfQuantityTexts(['0', '64Mi', '1G']), '1067108864');
  assert.equal(sumOfQuantityTexts(['100m', '900m']), '1');
  assert.equal(sumOfQuantityTexts([]), '0');
});

test('[API5] adding and subtracting cancel each other exactly', () => {
  const quantity = fc
    .bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
    .map((nanos) => ({ nanos, format: 'DecimalSI' as const }));
  fc.assert(
    fc.property(quantity, quantity, (left, right) => {
      assert.equal(subtractQuantities(addQuantities(left, right), right).nanos, left.nanos);
    }),
  );
});

test('[API6] whole and milli values round up', () => {
  assert.deepEqual([milliValue('250m'), milliValue('2'), milliValue('1n'), milliValue('-1n')], [250, 2000, 1, -1]);
  assert.deepEqual([unitValue('1Ki'), unitValue('1500m'), unitValue('0')], [1024, 2, 0]);
});

test('[API6] an amount rounds up to thousandths', () => {
  assert.equal(formatQuantity(roundUpToMilli(parseQuantity('0.0001'))), '1m');
  assert.equal(formatQuantity(roundUpToMilli(parseQuantity('-0.0001'))), '-1m');
  assert.equal(formatQuantity(roundUpToMilli(parseQuantity('1500m'))), '1500m');
});
