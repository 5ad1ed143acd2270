/** Compares, adds and rounds quantities, and reads their texts as plain numbers for code that counts a lot of them. */
import { formatQuantity, milliUnits, parseQuantity, wholeUnits } from './quantity.ts';
import type { Quantity } from './quantity.ts';

const MILLI_IN_NANOS = 1_000_000n;

export function compareQuantities(left: Quantity, right: Quantity): -1 | 0 | 1 {
  if (left.nanos === right.nanos) return 0;
  return left.nanos < right.nanos ? -1 : 1;
}

/** Keeps the notation of the left side, unless that is zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

export function subtractQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos - right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

/** Rounds away from zero to thousandths, the finest amount a resource list can hold. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const rest = quantity.nanos % MILLI_IN_NANOS;
  if (rest === 0n) return quantity;
  return { ...quantity, nanos: quantity.nanos - rest + (quantity.nanos < 0n ? -MILLI_IN_NANOS : MILLI_IN_NANOS) };
}

export function compareQuantityTexts(left: string, right: string): -1 | 0 | 1 {
  return left === right ? 0 : compareQuantities(parseQuantity(left), parseQuantity(right));
}

export function sumOfQuantityTexts(texts: readonly string[]): string {
  const zero: Quantity = { nanos: 0n, format: 'DecimalSI' };
  return formatQuantity(texts.map(parseQuantity).reduce(addQuantities, zero));
}

// A cluster uses few different texts ("100m", "128Mi"), and schedulers and quotas read them over and over.
const CACHE_SIZE = 4096;
const milliByText = new Map<string, number>();
const unitsByText = new Map<string, number>();

/** `250m` → 250, `2` → 2000, rounded up; for a text known to be valid. */
export function milliValue(text: string): number {
  return remembered(milliByText, text, milliUnits);
}

/** `1Ki` → 1024, `1500m` → 2, rounded up; for a text known to be valid. */
export function unitValue(text: string): number {
  return remembered(unitsByText, text, wholeUnits);
}

function remembered(cache: Map<string, number>, text: string, read: (quantity: Quantity) => number): number {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const value = read(parseQuantity(text));
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(text, value);
  return value;
}
