/** What calls cost at most, and how large what they yield can be, by upstream's prices. */
import { type Bound, boundOfType, larger, ONE, UNBOUNDED } from './bounds.ts';
import type { Overload } from './overloads.ts';
import type { CelType } from './types.ts';

/** `cost` does not count what the parameters cost. */
export type CallCost = { readonly cost: number; readonly bound: Bound };

export type PricedCall = {
  readonly name: string;
  /** What the call may mean. */
  readonly overloads: readonly Overload[];
  /** The value that it is called on comes first. */
  readonly bounds: readonly Bound[];
  readonly types: readonly CelType[];
  readonly result: CelType;
};

const TEXT_FACTOR = 0.1;
const PATTERN_FACTOR = 0.25;

/** Rounded up, as one half of a step takes a step. What is endless stays so, and nothing of it is nothing. */
const share = (size: number, factor: number): number => Math.ceil(size * factor);
const product = (left: number, right: number): number => (left === 0 || right === 0 ? 0 : left * right);

type Price = (bounds: readonly Bound[], call: PricedCall) => Partial<CallCost>;

const at = (bounds: readonly Bound[], index: number): Bound => bounds[index] ?? UNBOUNDED;

const isOfTexts = ({ overloads }: PricedCall): boolean =>
  overloads.some(({ parameters: [first] }) => first?.name === 'string' || first?.name === 'bytes');

const isOfLists = ({ overloads }: PricedCall): boolean =>
  overloads.some(({ parameters }) => parameters.some(({ name }) => name === 'list'));

/** Compared as far as the shorter goes. */
const compared = ([left = UNBOUNDED, right = UNBOUNDED]: readonly Bound[]): number =>
  share(Math.min(left.max, right.max), TEXT_FACTOR);

const order: Price = (bounds, call) => ({ cost: isOfTexts(call) ? Math.max(1, compared(bounds)) : 1 });
const equality: Price = (bounds) => ({ cost: compared(bounds) });

const plus: Price = (bounds, call) => {
  const max = at(bounds, 0).max + at(bounds, 1).max;
  if (!isOfTexts(call)) return isOfLists(call) ? { bound: { ...larger(at(bounds, 0), at(bounds, 1)), max } } : {};
  return { cost: Math.max(1, share(max, TEXT_FACTOR)), bound: { max } };
};

const through: Price = (bounds) => ({ cost: share(at(bounds, 0).max, TEXT_FACTOR), bound: at(bounds, 0) });

/** Each item of a list takes a step, and texts among them as long as they are. */
const throughAll: Price = (bounds, call) => {
  const { max, items = UNBOUNDED } = at(bounds, 0);
  const [item] = call.types[0]?.parameters ?? [];
  const isOfText = item?.name === 'string' || item?.name === 'bytes';
  const ofList = isOfLists(call) ? product(max, 1 + (isOfText ? share(items.max, TEXT_FACTOR) : 0)) : 0;
  return { cost: Math.max(ofList, isOfTexts(call) ? share(max, TEXT_FACTOR) : 0) };
};

/** Each item of one with each of the other. */
const pairs =
  (times: number): Price =>
  (bounds) => ({ cost: 1 + times * product(at(bounds, 0).max, at(bounds, 1).max) });

const ofParameter: Price = (bounds) => ({ cost: share(at(bounds, 1).max, TEXT_FACTOR) });
const asFirst: Price = (bounds) => ({ bound: at(bounds, 0) });

const matches: Price = (bounds, { overloads }) => {
  if (!overloads.some(({ isMember }) => isMember)) return {};
  const pattern = share(at(bounds, 1).max, PATTERN_FACTOR);
  return { cost: product(share(at(bounds, 0).max + 1, TEXT_FACTOR), pattern) };
};

const contains: Price = (bounds) => ({
  cost: product(share(at(bounds, 0).max, TEXT_FACTOR), share(at(bounds, 1).max, TEXT_FACTOR)),
});

const replace: Price = (bounds) => {
  const [text, from, to] = [at(bounds, 0), at(bounds, 1), at(bounds, 2)];
  return { cost: share(text.max, 2 * TEXT_FACTOR), bound: { max: replaced(text.max, from.min ?? 0, to.max) } };
};

/** What is empty is found before and after every character. */
function replaced(size: number, from: number, to: number): number {
  if (from === 0) return product(size + 1, to) + size;
  return to <= from ? size : product(Math.ceil(size / from), to);
}

const split: Price = (bounds) => ({
  cost: share(at(bounds, 0).max, 2 * TEXT_FACTOR),
  bound: { max: at(bounds, 0).max, items: at(bounds, 0) },
});

const join: Price = (bounds) => {
  const { max: count, items = UNBOUNDED } = at(bounds, 0);
  const between = bounds.length > 1 ? product(Math.max(0, count - 1), at(bounds, 1).max) : 0;
  const max = product(count, items.max) + between;
  return { cost: share(max, TEXT_FACTOR), bound: { max } };
};

const isIn: Price = (bounds, call) => ({ cost: isOfLists(call) ? Math.max(1, at(bounds, 1).max) : 1 });

const item: Price = (bounds) => ({ bound: at(bounds, 0).items ?? UNBOUNDED });

const PRICES: Readonly<Record<string, Price>> = {
  '<': order,
  '<=': order,
  '>': order,
  '>=': order,
  '==': equality,
  '!=': equality,
  '+': plus,
  in: isIn,
  '[]': item,
  '[?]': item,
  dyn: asFirst,
  bytes: (bounds) => ({ cost: share(at(bounds, 0).max, TEXT_FACTOR), bound: { max: 4 * at(bounds, 0).max } }),
  startsWith: ofParameter,
  endsWith: ofParameter,
  contains,
  matches,
  indexOf: throughAll,
  lastIndexOf: throughAll,
  isSorted: throughAll,
  sum: throughAll,
  min: throughAll,
  max: throughAll,
  'sets.contains': pairs(1),
  'sets.intersects': pairs(1),
  'sets.equivalent': pairs(2),
  lowerAscii: through,
  upperAscii: through,
  trim: through,
  substring: through,
  replace,
  split,
  join,
  value: asFirst,
  or: (bounds) => ({ bound: larger(at(bounds, 0), at(bounds, 1)) }),
  orValue: (bounds) => ({ bound: larger(at(bounds, 0), at(bounds, 1)) }),
  'optional.of': asFirst,
};

// What libraries compare is small, however it is written.
const isOfLibrary = ({ types }: PricedCall): boolean => types.some(({ name }) => name.startsWith('kubernetes.'));

export function costOfCall(call: PricedCall): CallCost {
  const { name, bounds, result } = call;
  const isEquality = name === '==' || name === '!=';
  const priced = isEquality && isOfLibrary(call) ? {} : (PRICES[name]?.(bounds, call) ?? {});
  const known = boundOfType(result);
  return { cost: priced.cost ?? 1, bound: known === ONE ? ONE : (priced.bound ?? known) };
}
