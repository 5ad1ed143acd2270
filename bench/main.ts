/** `npm run bench`: runs benchmark suites one after another and prints each as a table of ratios to its floor or peer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '#base/errors';
import { machineFacts } from './machine.ts';
import { runInNamespace } from './namespace.ts';
import { type BenchOptions, EXIT, HELP, parseOptions } from './options.ts';
import { missedTargets, saveResults, type SuiteResult } from './results.ts';
import type { Suite } from './suite.ts';
import { chooseSuites } from './suites.ts';
import { factsText, resultText } from './table.ts';
import { UsageError } from './usage-error.ts';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => ending.abort(new DOMException(`Ended by ${signal}`, 'AbortError')));
}

process.exitCode = await bench(process.argv.slice(2));

async function bench(given: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(given);
    if (options.help) return print(HELP);
    const suites = chooseSuites(options.suites);
    if (suites.some(({ needs }) => needs === 'containers')) {
      const exitCode = await runInNamespace(given, { progress: progressLine, signal: ending.signal });
      if (exitCode !== undefined) return exitCode;
    }
    return await runSuites(suites, options);
  } catch (error) {
    process.stderr.write(`bench: ${errorMessage(error)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

async function runSuites(suites: readonly Suite[], options: BenchOptions): Promise<number> {
  const facts = machineFacts();
  const results: SuiteResult[] = [];
  let failed = false;
  if (options.output === 'table') print(factsText(facts));
  for (const suite of suites) {
    const result = await runSuite(suite, options).catch((error: unknown) => {
      progressLine(`${suite.name}: failed: ${errorMessage(error)}`);
      return undefined;
    });
    ending.signal.throwIfAborted();
    if (result === undefined) {
      failed = true;
      continue;
    }
    results.push(result);
    if (options.output === 'table') print(resultText(result));
    // Quick figures are too rough to be compared with later ones.
    if (options.scale === 'full') await saveResults(facts, result);
  }
  if (options.output === 'json') print(JSON.stringify({ machine: facts, suites: results }, undefined, 2));
  if (failed) return EXIT.failed;
  return options.check && missedTargets(results).length > 0 ? EXIT.missed : EXIT.ok;
}

async function runSuite({ name, description, run }: Suite, { scale }: BenchOptions): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), `tutti-bench-${name}-`));
  const progress = (text: string): void => progressLine(`${name}: ${text}`);
  try {
    return { name, description, scale, measurements: await run({ scale, folder, progress, signal: ending.signal }) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function progressLine(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.ok;
}
