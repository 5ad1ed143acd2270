/** One simulated life: a scenario under the faults of a seed, then quiet until the cluster is as it would have been without them. */
import { errorMessage } from '#base/errors';
import { describeState } from './end-state.ts';
import { findLeftovers } from './invariants/leftovers.ts';
import { watchInvariants } from './invariants/watch-invariants.ts';
import type { Acting, Scenario } from './scenario.ts';
import { type ControllerLives, openSimCluster, type SimCluster } from './sim-cluster.ts';
import { runTroubles } from './troubles.ts';

export type LifeOptions = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly controllers: ControllerLives;
  /** Without faults: what the others are compared with. */
  readonly calm?: readonly string[];
  readonly keepLog?: boolean;
};

export type Verdict = {
  readonly points: number;
  /** Lines of the end state. */
  readonly state: readonly string[];
  readonly problems: readonly string[];
  readonly digest: string;
  readonly log: readonly string[];
  readonly virtualSeconds: number;
};

const AFTER_STEPS_MS = 60_000;
// The longest back-off of a queue is under 17 minutes, and a node that was lost takes five minutes to lose its pods.
const QUIET_LIMIT_MS = 45 * 60_000;
const CALM_MS = 20 * 60_000;
const LOOK_EVERY_MS = 15_000;
const STABLE_MS = 90_000;

export async function runLife({ scenario, seed, controllers, calm, keepLog = false }: LifeOptions): Promise<Verdict> {
  const { nodes, faults } = scenario;
  await using sim = await openSimCluster({ seed, nodes, faults, controllers, keepLog });
  const { world, chaos } = sim;
  const startedMs = world.clock.now();
  await world.advance(5_000);
  const invariants = watchInvariants(sim, scenario);
  const ending = new AbortController();
  const acting = actingOn(sim, ending.signal);
  const users = watched(runSteps(scenario, acting));
  const troubles = watched(calm === undefined ? Promise.resolve() : runTroubles(sim, ending.signal));
  if (calm !== undefined) chaos.start();
  const lastMs = Math.max(...scenario.steps.map(({ atSeconds }) => atSeconds)) * 1_000;
  await world.advance(lastMs + AFTER_STEPS_MS);
  chaos.stop();
  ending.abort();
  for (const part of sim.parts) {
    part.cut(false);
    part.skew(0);
    part.start();
  }
  const state = calm === undefined ? await settle(sim, CALM_MS) : await settleLike(sim, calm);
  const problems = [...users(), ...troubles(), ...sim.violations, ...invariants(), ...findLeftovers(sim.cluster.store)];
  if (calm !== undefined) problems.push(...differences(calm, state));
  return {
    points: chaos.points,
    state,
    problems,
    digest: sim.digest(),
    log: sim.log,
    virtualSeconds: (world.clock.now() - startedMs) / 1_000,
  };
}

/** The answer tells what is wrong with the work so far. */
function watched(work: Promise<void>): () => readonly string[] {
  let outcome: readonly string[] = ['a step has not ended'];
  work.then(
    () => (outcome = []),
    (error: unknown) => (outcome = [`a step failed: ${errorMessage(error)}`]),
  );
  return () => outcome;
}

async function settle(sim: SimCluster, forMs: number): Promise<readonly string[]> {
  await sim.world.advance(forMs);
  return describeState(sim.cluster.store);
}

/** As long as it takes to become like the calm life, and a while longer to see that it stays so. */
async function settleLike(sim: SimCluster, calm: readonly string[]): Promise<readonly string[]> {
  const { world, cluster } = sim;
  let state = describeState(cluster.store);
  let sameMs = 0;
  for (let waitedMs = 0; waitedMs < QUIET_LIMIT_MS && sameMs < STABLE_MS; waitedMs += LOOK_EVERY_MS) {
    await world.advance(LOOK_EVERY_MS);
    state = describeState(cluster.store);
    sameMs = differences(calm, state).length === 0 ? sameMs + LOOK_EVERY_MS : 0;
  }
  return state;
}

function differences(calm: readonly string[], state: readonly string[]): readonly string[] {
  const missing = calm.filter((line) => !state.includes(line)).map((line) => `missing: ${line}`);
  const extra = state.filter((line) => !calm.includes(line)).map((line) => `too much: ${line}`);
  return [...missing, ...extra];
}

function actingOn(sim: SimCluster, signal: AbortSignal): Acting {
  const { world, cluster } = sim;
  return { admin: cluster.admin, world, signal, powerOff: sim.powerOff, powerOn: sim.powerOn };
}

/** Each at its moment, however long those before take. */
async function runSteps({ steps }: Scenario, acting: Acting): Promise<void> {
  const work = steps.map(async ({ atSeconds, act }) => {
    await acting.world.clock.sleep(atSeconds * 1_000);
    await act(acting);
  });
  await Promise.all(work);
}
