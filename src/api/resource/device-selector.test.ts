/** What selectors cost before they run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { worstCostOf, validateSelector } from './device-selector.ts';

const SOME = 'device.attributes["dra.example.com"]';
const MUCH = 'device.capacity["dra.example.com"]';

test("[DRA14] what a selector costs at most is known before it runs, by upstream's prices", () => {
  const costs: Readonly<Record<string, number>> = {
    true: 0,
    'device.driver == ""': 2,
    'device.driver == "dra.example.com"': 4,
    '"no-such-domain" in device.attributes': 3,
    [`${SOME}.name`]: 4,
    [`${SOME}["name"]`]: 4,
    [`cel.bind(dra, ${SOME}, dra.name)`]: 15,
    [`${SOME}.name > 0`]: 5,
    [`${SOME}.name == "fish"`]: 5,
    [`${SOME}.name.isGreaterThan(semver("0.0.1"))`]: 6,
    [`${SOME}.name.isGreaterThan(semver("v0.0.1", true)) && isSemver("v1.0.0", true)`]: 7,
    [`${MUCH}.name.isGreaterThan(quantity("1Ki"))`]: 6,
    [`"name" in ${MUCH} && ${MUCH}.name.isGreaterThan(quantity("1Ki"))`]: 10,
    [`!("name" in ${MUCH}) || ${MUCH}.name.isGreaterThan(quantity("1Ki"))`]: 11,
    [`${SOME}.a && ${SOME}.b && ${SOME}.c`]: 12,
    [`${SOME}.name.exists(x, x > 0)`]: 5 + 6 * 64,
    [`${SOME}.names.all(x, x != "")`]: 5 + 4 * 64,
    [`${SOME}.names.size() == 2`]: 6,
    'device.attributes.exists_one(x, x == "dra.example.com")': 164,
    [`${SOME}.exists_one(x, x == "services")`]: 133,
    [`${SOME}.services.split("example").size() >= 2`]: 19,
    [`${SOME}.services.matches("[^a]?sym")`]: 18,
  };
  const found = Object.keys(costs).map((expression) => [expression, worstCostOf(expression)] as const);
  assert.deepEqual(Object.fromEntries(found), costs);
});

const TEN = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
const nested = (depth: number): string =>
  depth === 0 ? 'device.driver == "a"' : `${TEN}.all(x${depth}, ${nested(depth - 1)})`;

test('[DRA14] a selector that may cost too much is refused', () => {
  const refused = (expression: string): readonly unknown[] =>
    [...validateSelector({ cel: { expression } }, 'selectors[0]')].map(({ message }) => message);
  assert.deepEqual(refused(nested(5)), []);
  assert.deepEqual(refused(nested(6)), ['Forbidden: too complex, exceeds cost limit']);
});
