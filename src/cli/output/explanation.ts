/** An explanation as people read it. */
import type { ExplainedChange, ExplainedNode, PodExplanation } from '#api/explain/pod-explanation';

export function explanationText(explanation: PodExplanation): string {
  const { metadata, nodeName } = explanation;
  const title = `Pod ${metadata.namespace}/${metadata.name}`;
  const lines = nodeName === undefined ? waitingLines(title, explanation) : placedLines(title, explanation);
  return lines.join('\n');
}

function waitingLines(title: string, explanation: PodExplanation): readonly string[] {
  const { message, waiting = 1, changes, why, phase } = explanation;
  if (message === undefined) return [`${title}: ${why === '' ? phase : why}`];
  const others = waiting > 1 ? ` (${waiting} pods like it wait)` : '';
  return [
    `${title} has no node${others}`,
    `  ${message}`,
    ...refusalLines(explanation),
    '',
    ...(changes.length === 0 ? ['No change was found that would place it.'] : changeLines(changes, waiting)),
  ];
}

function refusalLines({ refusals, nodes }: PodExplanation): readonly string[] {
  if (refusals.length === 0) return [];
  const rows = refusals.map(({ plugin, reason, nodes: count, examples }) => {
    const more = count > examples.length ? ', ...' : '';
    return [`${count} of ${nodes}`, plugin, reason, `${examples.join(', ')}${more}`];
  });
  return ['', 'What the scheduler has against the nodes:', ...aligned(rows)];
}

function changeLines(changes: readonly ExplainedChange[], waiting: number): readonly string[] {
  const [first, ...others] = changes.map(({ summary, places }) =>
    waiting > 1 ? `${summary} (places ${places} of ${waiting})` : summary,
  );
  return [
    'The smallest change that would place it, tried out:',
    `  ${first}`,
    ...(others.length === 0 ? [] : ['Other changes that would:', ...others.map((each) => `  ${each}`)]),
  ];
}

function placedLines(title: string, explanation: PodExplanation): readonly string[] {
  const { nodeName = '', why, scores, nodes } = explanation;
  const state = why === '' ? '' : `, but is not fine: ${why}`;
  const [own] = scores;
  if (own?.node !== nodeName) return [`${title} is on node ${nodeName}${state}`, ...refusalLines(explanation)];
  return [
    `${title} is on node ${nodeName}${state}`,
    '',
    `How nodes would be scored for it now, ${scores.length} of ${nodes}:`,
    ...scoreLines(scores),
    ...refusalLines(explanation),
  ];
}

function scoreLines(scores: readonly ExplainedNode[]): readonly string[] {
  const plugins = [...new Set(scores.flatMap((node) => node.plugins.map(({ plugin }) => plugin)))];
  const rows = scores.map(({ node, total, plugins: found }) => [
    node,
    String(total),
    ...plugins.map((name) => {
      const score = found.find(({ plugin }) => plugin === name);
      return score === undefined ? '-' : `${score.normalized} x ${score.weight}`;
    }),
  ]);
  return aligned([['NODE', 'TOTAL', ...plugins], ...rows]);
}

/** Columns two spaces apart, two spaces in. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)));
  return rows.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd());
}
