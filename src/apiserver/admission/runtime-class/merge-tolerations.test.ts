import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Toleration } from '#api/types/core-v1';
import { mergeTolerations } from './merge-tolerations.ts';

const anyOf = <T>(...values: readonly T[]): fc.Arbitrary<T | undefined> => fc.constantFrom(undefined, ...values);

const toleration = fc
  .record({
    key: anyOf('', 'a', 'b'),
    operator: anyOf('', 'Exists', 'Equal'),
    value: anyOf('', 'x'),
    effect: anyOf('', 'NoSchedule', 'NoExecute'),
    tolerationSeconds: anyOf(0, 5, 9),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Toleration);
const tolerations = fc.array(toleration, { maxLength: 6 });

test('[ADM30] tolerations are joined as if each were compared with each', () => {
  fc.assert(
    fc.property(tolerations, tolerations, (own, added) => {
      assert.deepEqual(mergeTolerations(own, added), mergedOneByOne([...own, ...added]));
    }),
    { numRuns: 2000 },
  );
});

function mergedOneByOne(all: readonly Toleration[]): readonly Toleration[] {
  const merged: Toleration[] = [];
  for (const [index, each] of all.entries()) {
    const isEqual = (other: Toleration): boolean => textOf(other) === textOf(each);
    const rest = all.slice(index + 1).filter((other) => !isEqual(other));
    if (![...merged, ...rest].some((other) => covers(other, each))) merged.push(each);
  }
  return merged;
}

const textOf = ({ key, operator, value, effect, tolerationSeconds }: Toleration): string =>
  JSON.stringify([key, operator, value, effect, tolerationSeconds]);

function covers(wide: Toleration, narrow: Toleration): boolean {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds: seconds } = wide;
  const isForever = effect !== 'NoExecute' || seconds === undefined;
  return (
    (key === (narrow.key ?? '') || (key === '' && operator === 'Exists')) &&
    (effect === '' || effect === narrow.effect) &&
    (isForever || (narrow.tolerationSeconds !== undefined && narrow.tolerationSeconds <= seconds)) &&
    (operator === 'Exists' || (operator === (narrow.operator ?? '') && value === (narrow.value ?? '')))
  );
}
