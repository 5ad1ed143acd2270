/** Plays a scenario through in a simulated cluster and reports what became of everything in it. */
import type { Informers } from '#client/informer';
import { performAction } from './perform-action.ts';
import { Recorder } from './recorder.ts';
import type { ActionReport, Report } from './report.ts';
import { actionText, type Scenario } from './scenario.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import type { Workloads } from './workloads.ts';

export type RunOptions = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly cluster: SimulatedCluster;
  readonly informers: Informers;
  readonly workloads: Workloads;
  /** From 0 to 1, now and then. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
};

// How exact times are: what is shorter than this may go unseen.
const LOOK_MS = 1_000;

export async function runScenario(options: RunOptions): Promise<Report> {
  const { scenario, seed, cluster, informers, workloads, onProgress, signal } = options;
  const { world } = cluster;
  const recorder = new Recorder(informers, workloads, world.clock);
  await world.advance(scenario.warmUpMs);
  recorder.start();
  const before = recorder.utilisation();
  const startMs = world.clock.now();
  const endMs = startMs + scenario.durationMs;
  const outcomes: (ActionReport | undefined)[] = [];
  const acting = scenario.actions.map(async ({ atMs, action }, index) => {
    outcomes[index] = { atSeconds: atMs / 1_000, action: actionText(action), outcome: 'under way at the end' };
    await world.clock.sleep(atMs);
    const outcome = await performAction(action, { cluster, workloads, endMs });
    outcomes[index] = { atSeconds: atMs / 1_000, action: actionText(action), outcome };
  });
  const failing = Promise.all(acting);
  failing.catch(() => undefined); // heard below
  for (let passedMs = 0; passedMs < scenario.durationMs; passedMs += LOOK_MS) {
    signal.throwIfAborted();
    await world.advance(Math.min(LOOK_MS, scenario.durationMs - passedMs));
    recorder.look();
    onProgress(Math.min(1, (passedMs + LOOK_MS) / scenario.durationMs));
  }
  const workloadReports = recorder.workloads();
  const report: Report = {
    scenario: scenario.name,
    seed,
    simulatedSeconds: scenario.durationMs / 1_000,
    actions: outcomes.filter((each) => each !== undefined),
    pending: { most: recorder.mostPending, atEnd: recorder.pending() },
    workloads: workloadReports,
    budgets: recorder.budgets(),
    moves: workloadReports.reduce((sum, { moves }) => sum + moves, 0),
    utilisation: { before, after: recorder.utilisation() },
  };
  // An action that is still waiting is told as such; one that failed is a defect that somebody must see.
  await Promise.race([failing, Promise.resolve()]);
  return report;
}
