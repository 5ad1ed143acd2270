import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMicroTime, formatMoment, formatTime, parseMoment, parseTime, TimeError } from './time.ts';

test('[API1] a time prints as RFC 3339 in UTC, cut down to the second', () => {
  assert.equal(formatTime(0), '1970-01-01T00:00:00Z');
  assert.equal(formatTime(1_772_323_199_999), '2026-02-28T23:59:59Z');
  assert.equal(formatTime(951_782_400_000), '2000-02-29T00:00:00Z');
  assert.equal(formatTime(-1), '1969-12-31T23:59:59Z');
});

test('[API1] a micro time prints six digits of the second', () => {
  assert.equal(formatMicroTime(1_772_323_199_042), '2026-02-28T23:59:59.042000Z');
});

test('[API1] every moment of the years 1 to 9999 prints as the platform prints it, and is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      const text = formatTime(seconds * 1000);
      assert.equal(text, `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);
      assert.equal(parseTime(text), seconds * 1000);
    }),
  );
});

test('[API2] a time with an offset and a fraction is read exactly', () => {
  assert.deepEqual(parseMoment('2026-11-23T07:30:00.1234567+01:00'), { seconds: 1_795_415_400, micros: 123_456 });
  assert.equal(formatMoment(parseMoment('2026-11-23T01:00:00-05:30'), 'seconds'), '2026-11-23T06:30:00Z');
});

test("[API2] a text that is no time is refused in upstream's words", () => {
  const refusals = {
    yesterday: 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    '2026-11-23 06:30:00Z':
      'parsing time "2026-11-23 06:30:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse " 06:30:00Z" as "T"',
    '2026-13-01T00:00:00Z': 'parsing time "2026-13-01T00:00:00Z": month out of range',
    '2026-02-30T00:00:00Z': 'parsing time "2026-02-30T00:00:00Z": day out of range',
    '2026-02-01T24:00:00Z': 'parsing time "2026-02-01T24:00:00Z": hour out of range',
    '2026-02-01T00:00:00Zebra': 'parsing time "2026-02-01T00:00:00Zebra": extra text: "ebra"',
  };
  for (const [text, message] of Object.entries(refusals)) {
    assert.throws(() => parseMoment(text), new TimeError(message));
  }
});
