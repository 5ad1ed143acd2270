import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DurationError, formatGoDuration, parseGoDuration } from './go-duration.ts';

test('[API8] durations are read and printed as Go does', () => {
  const printed = {
    '1h': '1h0m0s',
    '90s': '1m30s',
    '1.5s': '1.5s',
    '300ms': '300ms',
    '0': '0s',
    '1h15m30.918273645s': '1h15m30.918273645s',
    '-1.5h': '-1h30m0s',
    '.5us': '500ns',
    '1.5us': '1.5µs',
    '60m': '1h0m0s',
  };
  for (const [text, expected] of Object.entries(printed))
    assert.equal(formatGoDuration(parseGoDuration(text)), expected);
});

test('[API8] what is printed is read back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (nanos) => {
      assert.equal(parseGoDuration(formatGoDuration(nanos)), nanos);
    }),
  );
});

test("[API8] a text that is no duration is refused in Go's words", () => {
  const refusals = {
    '': 'time: invalid duration ""',
    '10': 'time: missing unit in duration "10"',
    '10x': 'time: unknown unit "x" in duration "10x"',
    soon: 'time: invalid duration "soon"',
    '9999999h': 'time: invalid duration "9999999h"',
  };
  for (const [text, message] of Object.entries(refusals)) {
    assert.throws(() => parseGoDuration(text), new DurationError(message), text);
  }
});
