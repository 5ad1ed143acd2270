/** Prints how much of Kubernetes' conformance list is proven: `npm run conformance -- [-o json] [GROUP]`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkProofs } from './conformance/check-proofs.ts';
import { count, parseRows, type Row, tally } from './conformance/rows.ts';
import { listedPages } from './listed-pages.ts';

export type Report = {
  readonly rows: readonly Row[];
  readonly testsOf: (row: Row) => readonly string[];
};

export function asJson({ rows, testsOf }: Report): string {
  const groups = Object.fromEntries([...tally(rows), ['all', count(rows)]]);
  const told = rows.map((row) => ({ ...row, tests: testsOf(row) }));
  return JSON.stringify({ groups, rows: told }, null, 2);
}

/** The counts of each group and of all. */
export function asTable({ rows }: Report): string {
  const lines = [...tally(rows), ['all', count(rows)] as const].map(([group, { covered, left, excluded, total }]) => [
    group,
    covered,
    left,
    excluded,
    total,
  ]);
  return aligned([['GROUP', 'COVERED', 'LEFT', 'EXCLUDED', 'TOTAL'], ...lines]);
}

/** Every row of one group: its state, and its rules or why it has none. */
export function asRows({ rows }: Report, group: string): string {
  const members = rows.filter((row) => row.group === group);
  const rulesOf = ({ proofs }: Row): string => proofs.map(({ rule }) => rule).join(' ');
  return aligned(members.map((row) => [row.state, row.name, row.reason === '' ? rulesOf(row) : row.reason]));
}

function aligned(lines: readonly (readonly (string | number)[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => String(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { output: { type: 'string', short: 'o' } },
    allowPositionals: true,
  });
  const { rows, problems } = parseRows(
    readFileSync(fileURLToPath(new URL('../docs/conformance.tsv', import.meta.url)), 'utf8'),
  );
  const specs = listedPages(/^docs\/spec\/.*\.md$/);
  const tests = listedPages(/^(src|test|tools)\/.*\.ts$/);
  const checked = checkProofs(rows, specs, tests);
  const [group] = positionals;
  const report = { rows, testsOf: checked.testsOf };
  if (values.output === 'json') console.log(asJson(report));
  else console.log(group === undefined ? asTable(report) : asRows(report, group));
  for (const problem of [...problems, ...checked.problems]) {
    console.error(problem);
    process.exitCode = 1;
  }
}

if (import.meta.main) main();
