/** The gate before every commit: format, types, lint, dead code, rules and unit tests, in under a minute. */
import { type Outcome, runSteps, type Step } from './run-steps.ts';

// The longest first, so that the short ones fill the gaps.
const STEPS: readonly Step[] = [
  { name: 'tests', command: ['npm', 'run', '--silent', 'test:unit'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['oxlint'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'links', command: ['node', 'tools/doc-links.ts'] },
  { name: 'rules', command: ['node', 'tools/spec-rules.ts'] },
  { name: 'rows', command: ['node', 'tools/conformance.ts'] },
];
const LIMIT_MS = 600_000;

const startedMs = performance.now();
const failed: Outcome[] = [];

function tell(outcome: Outcome): void {
  const counts = [...outcome.output.matchAll(/^ℹ (tests|pass|fail) (\d+)$/gm)].map(
    ([, word, count]) => `${word} ${count}`,
  );
  const seconds = (outcome.tookMs / 1000).toFixed(1).padStart(6);
  console.log(
    `${outcome.ok ? 'ok    ' : 'FAILED'} ${outcome.name.padEnd(10)} ${seconds} s  ${counts.join(', ')}`.trimEnd(),
  );
  if (!outcome.ok) failed.push(outcome);
}

function withoutPassed(output: string): string {
  return output.replaceAll(/^\s*✔.*\n/gm, '');
}

const allOk = await runSteps(STEPS, { atOnce: 2, limitMs: LIMIT_MS, onEnd: tell });
for (const { name, output } of failed) console.log(`\n--- ${name}\n${withoutPassed(output).trimEnd()}`);
console.log(`\n${allOk ? 'ok' : 'FAILED'} after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
process.exitCode = allOk ? 0 : 1;
