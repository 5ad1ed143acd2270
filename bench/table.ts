/** Prints what suites found as tables that fit a terminal. */
import type { MachineFacts } from './machine.ts';
import { isMet, ratioOf, type SuiteResult } from './results.ts';
import type { Measurement, Target } from './suite.ts';

const HEADINGS = ['workload', 'figure', 'unit', 'min ms', 'p50 ms', 'p99 ms', 'ratio', 'to', 'target'];
const TEXT_COLUMNS = new Set(['workload', 'unit', 'to', 'target']);

export function factsText({ cpu, cores, memoryGb, kernel, node, load }: MachineFacts): string {
  return `${cores} × ${cpu}, ${memoryGb} GB, Linux ${kernel}, Node ${node}, load before the run ${load}`;
}

export function resultText({ name, description, scale, measurements }: SuiteResult): string {
  const rows = [HEADINGS, ...measurements.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return TEXT_COLUMNS.has(HEADINGS[column] ?? '') ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const title = `\n${name}: ${description}${scale === 'quick' ? ' (quick: rough figures)' : ''}`;
  return [title, ...lines].join('\n');
}

function cellsOf(measurement: Measurement): readonly string[] {
  const { workload, figure, unit, spread, reference, targets = [] } = measurement;
  const ratio = ratioOf(measurement);
  return [
    workload,
    numberText(figure),
    unit,
    ...(spread === undefined ? ['', '', ''] : [spread.min, spread.p50, spread.p99].map(numberText)),
    ratio === undefined ? '' : ratio.toFixed(2),
    reference?.name ?? '',
    targets.map((target) => targetText(measurement, target)).join('; '),
  ];
}

function targetText(measurement: Measurement, target: Target): string {
  const what = target.of === 'figure' ? '' : `${target.of} `;
  const sign = target.keep === 'at least' ? '≥' : '≤';
  const verdict = { true: 'met', false: 'MISSED', undefined: 'not measured' }[String(isMet(measurement, target))];
  return `${what}${sign} ${numberText(target.limit)} ${verdict}`;
}

function numberText(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
