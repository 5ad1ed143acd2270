import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outcome, runSteps, type Step } from './run-steps.ts';

const script = (name: string, code: string): Step => ({ name, command: [process.execPath, '-e', code] });

async function run(steps: readonly Step[], limitMs = 60_000): Promise<{ ok: boolean; outcomes: readonly Outcome[] }> {
  const outcomes: Outcome[] = [];
  const ok = await runSteps(steps, { atOnce: 2, limitMs, onEnd: (outcome) => outcomes.push(outcome) });
  return { ok, outcomes: outcomes.toSorted((left, right) => left.name.localeCompare(right.name)) };
}

test('[HOU30] one failing step fails the run, and the others still run', async () => {
  const { ok, outcomes } = await run([
    script('a', 'console.error("broken"); process.exit(3)'),
    script('b', 'console.log("fine")'),
    script('c', ''),
    { name: 'd', command: ['/no/such/program'] },
  ]);
  assert.equal(ok, false);
  assert.deepEqual(
    outcomes.map(({ name, ok: good, output }) => [name, good, output.split('\n')[0]]),
    [
      ['a', false, 'broken'],
      ['b', true, 'fine'],
      ['c', true, ''],
      ['d', false, 'spawn /no/such/program ENOENT'],
    ],
  );
  assert.equal((await run([script('a', '')])).ok, true);
});

test('[HOU30] a step that never ends is ended, and has failed', async () => {
  const forever = 'setInterval(() => undefined, 1000)';
  const deaf = `require('node:child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'inherit' })`;
  const { ok, outcomes } = await run([script('a', deaf)], 200);
  assert.equal(ok, false);
  assert.match(outcomes[0]?.output ?? '', /ended after 200 ms: does something it opened keep it from ending/);
});
