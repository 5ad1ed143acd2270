/** Amounts by name, as quotas add, subtract and compare them. Names and values are few: plain maps do. */
import { addQuantities, compareQuantities, subtractQuantities } from '../../meta/quantity-arithmetic.ts';
import { formatQuantity, parseQuantity, type Quantity } from '../../meta/quantity.ts';

export type Amounts = ReadonlyMap<string, Quantity>;
type Texts = Readonly<Record<string, string>>;

export const ZERO: Quantity = Object.freeze({ nanos: 0n, format: 'DecimalSI' });
export const ONE: Quantity = Object.freeze({ nanos: 1_000_000_000n, format: 'DecimalSI' });

export const readAmounts = (texts: Texts | undefined): Amounts =>
  new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

export const writeAmounts = (amounts: Amounts): Texts =>
  Object.fromEntries([...amounts].map(([name, quantity]) => [name, formatQuantity(quantity)]));

export function addAmounts(left: Amounts, right: Amounts): Amounts {
  const sum = new Map(left);
  for (const [name, quantity] of right) sum.set(name, addQuantities(sum.get(name) ?? ZERO, quantity));
  return sum;
}

/** What is more in `next` than in `before`. */
export function increaseOf(next: Amounts, before: Amounts): Amounts {
  const increase = new Map<string, Quantity>();
  for (const [name, quantity] of next) {
    const more = subtractQuantities(quantity, before.get(name) ?? ZERO);
    if (more.nanos > 0n) increase.set(name, more);
  }
  return increase;
}

export const only = (amounts: Amounts, names: (name: string) => boolean): Amounts =>
  new Map([...amounts].filter(([name]) => names(name)));

/** The names whose amount is greater than the limit of that name. */
export function exceeding(amounts: Amounts, limits: Amounts): readonly string[] {
  return [...amounts]
    .filter(([name, quantity]) => {
      const limit = limits.get(name);
      return limit !== undefined && compareQuantities(quantity, limit) > 0;
    })
    .map(([name]) => name);
}

/** `pods=1,requests.cpu=2`, in the order of the names. */
export function describeAmounts(amounts: Amounts): string {
  const texts = [...amounts].map(([name, quantity]) => `${name}=${formatQuantity(quantity)}`);
  return texts.toSorted().join(',');
}
