/** What a simulation found out. */
import { counted, spanText } from './words.ts';

export type WorkloadReport = {
  readonly workload: string;
  /** Fewer pods were ready than wanted. */
  readonly degradedSeconds: number;
  /** None was ready although some were wanted. */
  readonly downSeconds: number;
  readonly leastReady: number;
  readonly wanted: number;
  readonly readyAtEnd: number;
  /** Pods that were taken away while others came. */
  readonly moves: number;
};

export type BudgetReport = {
  readonly budget: string;
  readonly violations: number;
  readonly violatedSeconds: number;
  readonly leastHealthy: number;
  readonly needed: number;
};

export type PendingPod = {
  readonly pod: string;
  readonly workload: string;
  readonly pendingSeconds: number;
  /** What the scheduler says. */
  readonly why: string;
};

export type Share = { readonly requested: number; readonly allocatable: number; readonly percent: number };

export type Utilisation = {
  readonly nodes: number;
  readonly readyNodes: number;
  readonly cpuMilliCores: Share;
  readonly memoryBytes: Share;
  readonly pods: Share;
};

export type ActionReport = { readonly atSeconds: number; readonly action: string; readonly outcome: string };

export type Report = {
  readonly scenario: string;
  readonly seed: number;
  readonly simulatedSeconds: number;
  readonly actions: readonly ActionReport[];
  readonly pending: { readonly most: number; readonly atEnd: readonly PendingPod[] };
  readonly workloads: readonly WorkloadReport[];
  readonly budgets: readonly BudgetReport[];
  readonly moves: number;
  readonly utilisation: { readonly before: Utilisation; readonly after: Utilisation };
};

/** Pods of a workload that wait for the same reason are many, and say no more than one: each first one, which waits longest. */
function alike(pods: readonly PendingPod[]): readonly (readonly [first: PendingPod, others: number])[] {
  const groups = Map.groupBy(pods, ({ workload, why }) => JSON.stringify([workload, why]));
  return [...groups.values()].map((group) => {
    const first = group.reduce((longest, each) => (each.pendingSeconds > longest.pendingSeconds ? each : longest));
    return [first, group.length - 1];
  });
}

const MEBIBYTE = 1024 ** 2;

export function reportText(report: Report): string {
  const { scenario, seed, simulatedSeconds, actions, pending, workloads, budgets, moves, utilisation } = report;
  const troubled = workloads.filter(({ degradedSeconds, moves: own }) => degradedSeconds > 0 || own > 0);
  const broken = budgets.filter(({ violations }) => violations > 0);
  return [
    `Scenario ${scenario}, seed ${seed}: ${spanText(simulatedSeconds)} simulated`,
    '',
    ...section(
      'Actions',
      actions.map(({ atSeconds, action, outcome }) => [`at ${spanText(atSeconds)}`, action, outcome]),
    ),
    ...section(
      `Workloads disturbed: ${troubled.length} of ${workloads.length}, ${counted(moves, 'move')}`,
      troubled.map((each) => [
        each.workload,
        `${each.readyAtEnd}/${each.wanted} ready at the end, ${each.leastReady} at least`,
        `degraded ${spanText(each.degradedSeconds)}`,
        `down ${spanText(each.downSeconds)}`,
        counted(each.moves, 'move'),
      ]),
    ),
    ...section(
      `Disruption budgets violated: ${broken.length} of ${budgets.length}`,
      broken.map((each) => [
        each.budget,
        `${each.leastHealthy} of ${each.needed} healthy at least`,
        counted(each.violations, 'time'),
        spanText(each.violatedSeconds),
      ]),
    ),
    ...section(
      `Pods pending at the end: ${pending.atEnd.length} (${pending.most} at most)`,
      alike(pending.atEnd).map(([first, others]) => [
        others === 0 ? first.pod : `${first.pod} and ${counted(others, 'other')} of ${first.workload}`,
        `for ${spanText(first.pendingSeconds)}`,
        first.why,
      ]),
    ),
    ...section('Utilisation by requests', [
      ['', 'nodes ready', 'CPU', 'memory', 'pods'],
      ['before', ...utilisationCells(utilisation.before)],
      ['after', ...utilisationCells(utilisation.after)],
    ]),
  ]
    .join('\n')
    .trimEnd();
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [],
  );
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [title, ...lines, ''];
}

function utilisationCells({ nodes, readyNodes, cpuMilliCores, memoryBytes, pods }: Utilisation): readonly string[] {
  const mebibytes = (bytes: number): string => `${Math.round(bytes / MEBIBYTE)}Mi`;
  return [
    `${readyNodes}/${nodes}`,
    `${cpuMilliCores.requested}m of ${cpuMilliCores.allocatable}m (${cpuMilliCores.percent} %)`,
    `${mebibytes(memoryBytes.requested)} of ${mebibytes(memoryBytes.allocatable)} (${memoryBytes.percent} %)`,
    `${pods.requested} of ${pods.allocatable} (${pods.percent} %)`,
  ];
}
