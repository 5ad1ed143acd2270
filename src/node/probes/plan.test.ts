import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wantedProbes } from './plan-follow.ts';
import {
  afterResult,
  firstDelayMs,
  isFinal,
  nextDelayMs,
  probeTiming,
  UNPROBED,
  type ProbeResult,
  type ProbeTiming,
} from './plan-probe.ts';

const TIMING: ProbeTiming = {
  initialDelayMs: 5_000,
  periodMs: 10_000,
  timeoutMs: 1_000,
  successThreshold: 2,
  failureThreshold: 3,
};

const verdicts = (results: string): string => {
  let state = UNPROBED;
  return results
    .split('')
    .map((letter) => {
      state = afterResult(state, letter === 's' ? 'Success' : 'Failure', TIMING);
      return state.verdict?.[0]?.toLowerCase() ?? '-';
    })
    .join('');
};

test("[NOD70] what a probe does not say has upstream's values", () => {
  assert.deepEqual(probeTiming({}), {
    initialDelayMs: 0,
    periodMs: 10_000,
    timeoutMs: 1_000,
    successThreshold: 1,
    failureThreshold: 3,
  });
});

test('[NOD71] the first probe comes after the initial delay, the next ones in rhythm', () => {
  assert.equal(firstDelayMs(TIMING, 1_000, 2_000), 4_000);
  assert.equal(firstDelayMs(TIMING, 1_000, 60_000), 0);
  assert.equal(nextDelayMs(TIMING, 0, 300), 9_700);
  assert.equal(nextDelayMs(TIMING, 0, 25_000), 5_000);
});

test('[NOD72] a verdict changes only after as many equal results as its threshold says', () => {
  assert.equal(verdicts('ssfssfff'), '-sssssSf'.toLowerCase());
  assert.equal(verdicts('ffsff'), '-----');
});

test('[NOD72] a verdict is always that of a row of equal results', () => {
  const results = fc.array(fc.constantFrom<ProbeResult>('Success', 'Failure'), { minLength: 1 });
  fc.assert(
    fc.property(results, (row) => {
      let state = UNPROBED;
      for (const [index, result] of row.entries()) {
        const before = state.verdict;
        state = afterResult(state, result, TIMING);
        if (state.verdict === before) continue;
        const needed = result === 'Success' ? TIMING.successThreshold : TIMING.failureThreshold;
        assert.ok(row.slice(index + 1 - needed, index + 1).every((each) => each === result));
      }
    }),
  );
});

test('[NOD73] until a container has started only its startup probe runs, then the others', () => {
  const spec = { startupProbe: {}, readinessProbe: {}, livenessProbe: {} };
  const at = (running: boolean, started: boolean, terminating = false) =>
    wantedProbes({ spec, running, started, terminating });
  assert.deepEqual([at(false, false), at(true, false), at(true, true)], [[], ['startup'], ['readiness', 'liveness']]);
  // A pod that is being deleted still leaves its services in time, but is not restarted.
  assert.deepEqual([at(true, false, true), at(true, true, true)], [[], ['readiness']]);
});

test('[NOD74] a container that must be restarted, or has started, is not asked again', () => {
  assert.deepEqual(
    [
      isFinal('liveness', 'Failure'),
      isFinal('liveness', 'Success'),
      isFinal('startup', 'Success'),
      isFinal('readiness', 'Failure'),
    ],
    [true, false, true, false],
  );
});
