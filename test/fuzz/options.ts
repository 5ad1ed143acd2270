/** The command line of the fuzzer. */
import { parseArgs } from 'node:util';

export type FuzzOptions = {
  readonly cases: number;
  /** Without one, every run has another. */
  readonly seed: number | undefined;
  readonly from: number;
  /** All of them unless some are named. */
  readonly targets: readonly string[];
  readonly help: boolean;
};

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes, which stay as they are. */
export const EXIT = { ok: 0, found: 1, usage: 2 } as const;

export function helpText(targets: readonly string[]): string {
  return `Usage: npm run fuzz -- [options]

Gives the parts of the server that read what strangers send hostile input, and tells what crashes, holds the
event loop for more than 50 ms of processor time, changes what objects share, or makes memory grow.

Options:
  --cases N       how many cases (100000)
  --seed N        what the cases are made from (another one every time)
  --from CASE     the number of the first case (0): any case can be run alone
  --target NAME   only this target; may be given more than once
  -h, --help      this text

Targets:
${targets.map((name) => `  ${name}`).join('\n')}

Exit codes: 0 nothing was found; 1 something was; 2 asked wrongly.

Examples:
  $ npm run fuzz -- --cases 10000000
  $ npm run fuzz -- --target yaml --target 'label selector'
  $ npm run fuzz -- --seed 20261125 --from 4464983 --cases 1`;
}

export function parseOptions(given: readonly string[], targets: readonly string[]): FuzzOptions {
  const { cases = '100000', seed, from = '0', target = [], help = false } = parse(given);
  const unknown = target.find((name) => !targets.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Cannot use target ${JSON.stringify(unknown)}: expected one of ${targets.join(', ')}`);
  }
  return {
    cases: wholeNumber('--cases', cases),
    seed: seed === undefined ? undefined : wholeNumber('--seed', seed),
    from: wholeNumber('--from', from),
    targets: target,
    help,
  };
}

function parse(given: readonly string[]) {
  try {
    const options = {
      cases: { type: 'string' },
      seed: { type: 'string' },
      from: { type: 'string' },
      target: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...given], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new UsageError(`Cannot use ${option} ${JSON.stringify(text)}: expected a whole number`);
}
