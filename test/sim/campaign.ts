/** Runs lives until enough has gone wrong in them, and tells which of them ended as they must not. */
import { runLife, type Verdict } from './run-life.ts';
import type { Scenario } from './scenario.ts';
import type { ControllerLives } from './sim-cluster.ts';

export type FaultyLife = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly controllers: ControllerLives;
  readonly keepLog?: boolean;
};

export type Finding = Omit<FaultyLife, 'keepLog'> & { readonly problems: readonly string[] };

export type Progress = {
  readonly points: number;
  readonly lives: number;
  readonly virtualSeconds: number;
  readonly findings: readonly Finding[];
};

export type CampaignOptions = {
  readonly scenarios: readonly Scenario[];
  /** Of the first life; the others follow. */
  readonly seed: number;
  /** Faults to inject. */
  readonly points: number;
  /** Ends early when so many lives have ended wrongly. */
  readonly mostFindings: number;
  /** How controllers live; in turn unless said. */
  readonly controllers?: ControllerLives | undefined;
  readonly onLife?: (progress: Progress) => void;
};

const CALM_SEED = 1;
const calmLives = new WeakMap<Scenario, Promise<Verdict>>();

/** Every scenario in turn. */
export async function runCampaign({
  scenarios,
  seed,
  points,
  mostFindings,
  controllers,
  onLife,
}: CampaignOptions): Promise<Progress> {
  const findings: Finding[] = [];
  let progress: Progress = { points: 0, lives: 0, virtualSeconds: 0, findings };
  while (progress.points < points && findings.length < mostFindings) {
    const lives = progress.lives + 1;
    const turn = progress.lives % scenarios.length;
    const scenario = scenarios[turn] as Scenario;
    const round = Math.floor(progress.lives / scenarios.length);
    // So that every scenario is lived both ways, and a few lives hold both.
    const inTurn = (turn + round) % 2 === 0 ? 'apart' : 'together';
    const life = { scenario, seed: seed + progress.lives, controllers: controllers ?? inTurn } as const;
    const verdict = await runFaultyLife(life);
    if (verdict.problems.length > 0) findings.push({ ...life, problems: verdict.problems });
    progress = {
      points: progress.points + verdict.points,
      lives,
      virtualSeconds: progress.virtualSeconds + verdict.virtualSeconds,
      findings,
    };
    onLife?.(progress);
  }
  return progress;
}

/** Compared with a calm life of the same scenario, which is lived once. */
export async function runFaultyLife({ scenario, ...rest }: FaultyLife): Promise<Verdict> {
  const known = calmLives.get(scenario) ?? runCalm(scenario);
  calmLives.set(scenario, known);
  const calm = await known;
  const verdict = await runLife({ scenario, calm: calm.state, ...rest });
  // What is wrong without any fault is wrong with them.
  return {
    ...verdict,
    problems: [...calm.problems.map((problem) => `without faults, ${problem}`), ...verdict.problems],
  };
}

async function runCalm(scenario: Scenario): Promise<Verdict> {
  return await runLife({ scenario, seed: CALM_SEED, controllers: 'together' });
}
