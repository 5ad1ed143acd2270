/** Functions of lists: their order, sums and extremes, where something is in them, and lists as sets. */
import type { CelFunction, CelLibrary } from '../environment.ts';
import { CelError, noSuchOverload } from '../error.ts';
import { compare, equals, isList, type CelValue } from '../values.ts';
import { OPERATORS } from './operators.ts';
import { TIMES } from './times.ts';

type Spend = (cost: number) => void;

/** Each item costs a step. */
function onList(apply: (list: readonly CelValue[], spend: Spend) => CelValue | undefined): CelFunction {
  return ([list, ...others], spend) => {
    if (list === undefined || !isList(list) || others.length > 0) return undefined;
    spend(list.length);
    return apply(list, spend);
  };
}

function difference(left: CelValue, right: CelValue): number {
  const found = compare(left, right);
  if (found === undefined) throw noSuchOverload();
  return found;
}

const isSorted = (list: readonly CelValue[]): boolean =>
  list.every((item, index) => index === 0 || difference(list[index - 1] ?? null, item) <= 0);

/** The first of those that are alike. */
const extreme = (name: 'min' | 'max', isBetter: (difference: number) => boolean): CelFunction =>
  onList((list) => {
    const [first, ...others] = list;
    if (first === undefined) throw new CelError(`${name} called on empty list`);
    return others.reduce((best, item) => (isBetter(difference(item, best)) ? item : best), first);
  });

const ADDING: readonly CelFunction[] = [...OPERATORS, TIMES].flatMap((library) => library['+'] ?? []);

function added(left: CelValue, right: CelValue, spend: Spend): CelValue {
  // Texts and lists are put together, not summed up.
  if (typeof left === 'string' || isList(left)) throw noSuchOverload();
  for (const add of ADDING) {
    const sum = add([left, right], spend);
    if (sum !== undefined) return sum;
  }
  throw noSuchOverload();
}

function sum(list: readonly CelValue[], spend: Spend): CelValue {
  const [first = 0n, ...others] = list;
  return others.reduce((total, item) => added(total, item, spend), first);
}

const position =
  (find: (list: readonly CelValue[], isIt: (item: CelValue) => boolean) => number): CelFunction =>
  ([list, wanted, ...others], spend) => {
    if (list === undefined || !isList(list) || wanted === undefined || others.length > 0) return undefined;
    spend(list.length);
    return BigInt(find(list, (item) => equals(item, wanted)));
  };

function onSets(holds: (left: readonly CelValue[], right: readonly CelValue[]) => boolean): CelFunction {
  return ([left, right], spend) => {
    if (left === undefined || right === undefined || !isList(left) || !isList(right)) return undefined;
    spend(left.length * right.length);
    return holds(left, right);
  };
}

const has = (list: readonly CelValue[], wanted: CelValue): boolean => list.some((item) => equals(item, wanted));
const hasAll = (list: readonly CelValue[], wanted: readonly CelValue[]): boolean =>
  wanted.every((each) => has(list, each));

export const LISTS: CelLibrary = {
  isSorted: onList(isSorted),
  sum: onList(sum),
  min: extreme('min', (found) => found < 0),
  max: extreme('max', (found) => found > 0),
  indexOf: position((list, isIt) => list.findIndex(isIt)),
  lastIndexOf: position((list, isIt) => list.findLastIndex(isIt)),
  'sets.contains': onSets(hasAll),
  'sets.equivalent': onSets((left, right) => hasAll(left, right) && hasAll(right, left)),
  'sets.intersects': onSets((left, right) => right.some((each) => has(left, each))),
};
