/** What a suite found: its figures against their targets, and the file that keeps them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MachineFacts } from './machine.ts';
import type { Measurement, Scale, Target } from './suite.ts';

export type SuiteResult = {
  readonly name: string;
  readonly description: string;
  readonly scale: Scale;
  readonly measurements: readonly Measurement[];
};

export const RESULTS_FOLDER = fileURLToPath(new URL('./results/', import.meta.url));
const DIGITS = 4;

export function ratioOf({ figure, reference }: Measurement): number | undefined {
  return reference === undefined ? undefined : figure / reference.figure;
}

/** Undefined when the measurement has nothing that the target speaks of. */
export function isMet(measurement: Measurement, { of, keep, limit }: Target): boolean | undefined {
  const found = { figure: measurement.figure, ratio: ratioOf(measurement), p99: measurement.spread?.p99 }[of];
  if (found === undefined) return undefined;
  return keep === 'at least' ? found >= limit : found <= limit;
}

/** The workloads that miss a target of theirs. */
export function missedTargets(results: readonly SuiteResult[]): readonly string[] {
  return results.flatMap(({ name, measurements }) =>
    measurements
      .filter((measurement) => (measurement.targets ?? []).some((target) => isMet(measurement, target) !== true))
      .map(({ workload }) => `${name}: ${workload}`),
  );
}

export async function saveResults(machine: MachineFacts, result: SuiteResult): Promise<void> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const rounded = JSON.stringify({ machine, ...result }, (_key, value: unknown) => significant(value), 2);
  await writeFile(`${RESULTS_FOLDER}${result.name}.json`, `${rounded}\n`);
}

function significant(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
}
