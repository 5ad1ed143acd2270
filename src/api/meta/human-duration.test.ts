import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, humanDuration } from './human-duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const CASES: readonly (readonly [number, string])[] = [
  [-2 * SECOND, '<invalid>'],
  [-1 * SECOND, '0s'],
  [0, '0s'],
  [999, '0s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 5 * SECOND, '2m5s'],
  [9 * MINUTE + 59 * SECOND, '9m59s'],
  [10 * MINUTE + 30 * SECOND, '10m'],
  [179 * MINUTE, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 5 * MINUTE, '3h5m'],
  [8 * HOUR + 5 * MINUTE, '8h'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [5 * DAY + 3 * HOUR, '5d3h'],
  [8 * DAY + 3 * HOUR, '8d'],
  [400 * DAY, '400d'],
  [2 * YEAR, '2y'],
  [3 * YEAR + 10 * DAY, '3y10d'],
  [8 * YEAR + 10 * DAY, '8y'],
];

for (const [durationMs, text] of CASES) {
  test(`[KIN1] ${durationMs} ms read ${text}`, () => {
    assert.equal(humanDuration(durationMs), text);
  });
}

test('[KIN1] an age without a timestamp is unknown', () => {
  assert.equal(ageOf(undefined, 0), '<unknown>');
  assert.equal(ageOf('1970-01-01T00:00:00Z', 5 * MINUTE), '5m');
});
