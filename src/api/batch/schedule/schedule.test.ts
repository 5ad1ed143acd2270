import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextTime } from './next.ts';
import { parseSchedule, ScheduleError } from './parse.ts';
import { formatInZone, loadTimeZone } from './time-zone.ts';

const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['-5 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ['TZ=Nowhere/X * * * * *', 'provided bad location Nowhere/X: unknown time zone Nowhere/X'],
];

for (const [text, message] of REFUSED) {
  test(`[BAT50] the schedule ${JSON.stringify(text)} is refused in upstream’s words`, () => {
    assert.throws(() => parseSchedule(text), new ScheduleError(message));
  });
}

/** The next moments, in the time of the zone. */
function nextFew(text: string, from: string, { in: name = 'UTC', count = 3 } = {}): readonly string[] {
  const zone = loadTimeZone(name);
  const schedule = parseSchedule(text, zone);
  const moments: string[] = [];
  for (let ms = Date.parse(from); moments.length < count;) {
    const next = nextTime(schedule, ms);
    if (next === undefined) break;
    moments.push(formatInZone(next, zone));
    ms = next;
  }
  return moments;
}

test('[BAT51] fields are numbers, names, ranges, steps and lists; a start with a step runs to the end', () => {
  const from = '2026-01-01T00:00:00Z';
  assert.deepEqual(nextFew('5,50-59/5 * * * *', from), [
    '2026-01-01T00:05:00Z',
    '2026-01-01T00:50:00Z',
    '2026-01-01T00:55:00Z',
  ]);
  assert.deepEqual(nextFew('40/10 3 * * *', from), [
    '2026-01-01T03:40:00Z',
    '2026-01-01T03:50:00Z',
    '2026-01-02T03:40:00Z',
  ]);
  assert.deepEqual(nextFew('0 0 1 feb,DEC ?', from), [
    '2026-02-01T00:00:00Z',
    '2026-12-01T00:00:00Z',
    '2027-02-01T00:00:00Z',
  ]);
});

test('[BAT51] days of the month and of the week meet either, unless one of them is left open', () => {
  const from = '2026-01-01T00:00:00Z';
  assert.deepEqual(nextFew('0 0 13 * fri', from), [
    '2026-01-02T00:00:00Z',
    '2026-01-09T00:00:00Z',
    '2026-01-13T00:00:00Z',
  ]);
  assert.deepEqual(nextFew('0 0 * * mon-tue', from, { count: 2 }), ['2026-01-05T00:00:00Z', '2026-01-06T00:00:00Z']);
  assert.deepEqual(nextFew('0 0 29 2 *', from, { count: 2 }), ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']);
  assert.deepEqual(nextFew('0 0 31 2 *', from), []);
});

test('[BAT51] descriptors stand for what they say, and intervals count from the moment before', () => {
  const from = '2026-01-01T00:00:10.500Z';
  assert.deepEqual(nextFew('@hourly', from, { count: 1 }), ['2026-01-01T01:00:00Z']);
  assert.deepEqual(nextFew('@weekly', from, { count: 1 }), ['2026-01-04T00:00:00Z']);
  assert.deepEqual(nextFew('@yearly', from, { count: 1 }), ['2027-01-01T00:00:00Z']);
  assert.deepEqual(nextFew('@every 1h30m', from, { count: 2 }), ['2026-01-01T01:30:10Z', '2026-01-01T03:00:10Z']);
  assert.deepEqual(nextFew('@every 1ms', from, { count: 1 }), ['2026-01-01T00:00:11Z']);
});

test('[BAT52] the clock hangs in the time zone, and a zone in the text goes before', () => {
  const from = '2026-06-30T23:00:00Z';
  assert.deepEqual(nextFew('0 9 * * *', from, { in: 'Asia/Tokyo', count: 1 }), ['2026-07-01T09:00:00+09:00']);
  assert.deepEqual(nextFew('0 9 * * *', from, { in: 'America/New_York', count: 1 }), ['2026-07-01T09:00:00-04:00']);
  assert.deepEqual(nextFew('TZ=Asia/Kolkata 0 9 * * *', from, { count: 1 }), ['2026-07-01T03:30:00Z']);
});

test('[BAT52] a time that the clock leaves out is skipped, one that it shows twice is met as upstream meets it', () => {
  const berlin = 'Europe/Berlin';
  // 29 March 2026, two o'clock becomes three.
  assert.deepEqual(nextFew('30 2 * * *', '2026-03-28T00:00:00Z', { in: berlin, count: 2 }), [
    '2026-03-28T02:30:00+01:00',
    '2026-03-30T02:30:00+02:00',
  ]);
  // 25 October 2026, three o'clock becomes two.
  assert.deepEqual(nextFew('30 2 * * *', '2026-10-24T12:00:00Z', { in: berlin }), [
    '2026-10-25T02:30:00+02:00',
    '2026-10-25T02:30:00+01:00',
    '2026-10-26T02:30:00+01:00',
  ]);
  // Clocks in Cairo leave out midnight on 24 April 2026.
  assert.deepEqual(nextFew('0 0 * * fri', '2026-04-20T00:00:00Z', { in: 'Africa/Cairo', count: 1 }), [
    '2026-05-01T00:00:00+03:00',
  ]);
});

test('[BAT53] a moment is after the one before it, on the minute, and none that matches lies in between', () => {
  const field = (min: number, max: number): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`),
    );
  const schedules = fc.tuple(
    field(0, 59),
    field(0, 23),
    fc.constantFrom('*', '1', '15,20'),
    fc.constant('*'),
    field(0, 6),
  );
  const moments = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) });
  fc.assert(
    fc.property(schedules, moments, (fields, fromMs) => {
      const schedule = parseSchedule(fields.join(' '));
      const nextMs = nextTime(schedule, fromMs);
      assert.ok(nextMs !== undefined && nextMs > fromMs && nextMs % 60_000 === 0);
      // From anywhere before it the same moment is found.
      const betweenMs = fromMs + Math.floor((nextMs - fromMs) / 2);
      if (betweenMs < nextMs) assert.equal(nextTime(schedule, betweenMs), nextMs);
    }),
    { numRuns: 200 },
  );
});
