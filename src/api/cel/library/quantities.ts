/** Amounts such as `1.5Gi`, as upstream's expressions know them. */
import { parseQuantity, QuantityError, type Quantity } from '../../meta/quantity.ts';
import { addQuantities, compareQuantities, subtractQuantities } from '../../meta/quantity-arithmetic.ts';
import type { CelFunction, CelLibrary } from '../environment.ts';
import { CelError } from '../error.ts';
import { CelObject, type CelValue } from '../values.ts';

const UNIT = 10n ** 9n;
const LARGEST = 2n ** 63n - 1n;

export class CelQuantity extends CelObject {
  readonly typeName = 'kubernetes.Quantity';
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: CelValue): boolean {
    return other instanceof CelQuantity && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

/** Throws `CelError`. */
export function celQuantity(text: string): CelQuantity {
  try {
    return new CelQuantity(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) throw new CelError(error.message);
    throw error;
  }
}

function isQuantity(text: string): boolean {
  try {
    celQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}

const comparing =
  (result: (difference: -1 | 0 | 1) => CelValue): CelFunction =>
  ([left, right]) =>
    left instanceof CelQuantity && right instanceof CelQuantity
      ? result(compareQuantities(left.quantity, right.quantity))
      : undefined;

function combining(combine: (left: Quantity, right: Quantity) => Quantity): CelFunction {
  return ([left, right]) => {
    const other = typeof right === 'bigint' ? { nanos: right * UNIT, format: 'DecimalSI' as const } : quantityOf(right);
    return left instanceof CelQuantity && other !== undefined
      ? new CelQuantity(combine(left.quantity, other))
      : undefined;
  };
}

function quantityOf(value: CelValue | undefined): Quantity | undefined {
  return value instanceof CelQuantity ? value.quantity : undefined;
}

const on =
  (apply: (quantity: Quantity) => CelValue): CelFunction =>
  ([value]) =>
    value instanceof CelQuantity ? apply(value.quantity) : undefined;

function isWhole({ nanos }: Quantity): boolean {
  const units = nanos / UNIT;
  return nanos % UNIT === 0n && units <= LARGEST && units >= -LARGEST - 1n;
}

function asInteger(quantity: Quantity): bigint {
  if (!isWhole(quantity)) throw new CelError('cannot convert value to integer');
  return quantity.nanos / UNIT;
}

const signOf = ({ nanos }: Quantity): bigint => (nanos === 0n ? 0n : nanos < 0n ? -1n : 1n);

export const QUANTITIES: CelLibrary = {
  quantity: ([text]) => (typeof text === 'string' ? celQuantity(text) : undefined),
  isQuantity: ([text]) => (typeof text === 'string' ? isQuantity(text) : undefined),
  isInteger: on(isWhole),
  asInteger: on(asInteger),
  asApproximateFloat: on(({ nanos }) => Number(nanos) / Number(UNIT)),
  sign: on(signOf),
  isGreaterThan: comparing((difference) => difference > 0),
  isLessThan: comparing((difference) => difference < 0),
  compareTo: comparing((difference) => BigInt(difference)),
  add: combining(addQuantities),
  sub: combining(subtractQuantities),
};
