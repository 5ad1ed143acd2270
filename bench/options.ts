/** The command line of the benchmarks. */
import { parseArgs } from 'node:util';
import type { Scale } from './suite.ts';
import { SUITES } from './suites.ts';
import { UsageError } from './usage-error.ts';

/** Exit codes, which stay as they are. */
export const EXIT = { ok: 0, failed: 1, usage: 2, missed: 3 } as const;

export type BenchOptions = {
  readonly suites: readonly string[];
  readonly scale: Scale;
  readonly output: 'table' | 'json';
  readonly check: boolean;
  readonly help: boolean;
};

export const HELP = `Usage: npm run bench -- [suite ...] [options]

Measures Tutti beside a floor or peer in the same run, and prints the ratios.

Suites (all of them unless some are named):
${SUITES.map(({ name, description }) => `  ${name.padEnd(11)}${description}`).join('\n')}

Options:
  --quick               a few seconds a suite; the figures are rough and are not kept
  -o, --output FORMAT   table (default) or json
  --check               exit with 3 when a figure misses its target
  -h, --help            this text

A full run keeps its figures in bench/results/SUITE.json.
Exit codes: 0 it ran; 1 a suite failed; 2 asked wrongly; 3 a target was missed (--check).

Examples:
  $ npm run bench
  $ npm run bench -- store api
  $ npm run bench -- api --quick -o json
  $ node --cpu-prof bench/main.ts api --quick`;

export function parseOptions(given: readonly string[]): BenchOptions {
  const { values, positionals } = parse(given);
  const { output = 'table', quick = false, check = false, help = false } = values;
  if (output !== 'table' && output !== 'json') {
    throw new UsageError(`Cannot print as ${JSON.stringify(output)}: expected table or json`);
  }
  return { suites: positionals, scale: quick ? 'quick' : 'full', output, check, help };
}

function parse(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        output: { type: 'string', short: 'o' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
