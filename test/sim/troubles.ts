/** What befalls the cluster from outside, at moments of its own: crashes, partitions, power cuts, clocks that jump, a store that is slow. */
import type { SimCluster } from './sim-cluster.ts';
import type { Part } from './part.ts';

const SHORTEST_PEACE_MS = 2_000;
const LONGEST_PEACE_MS = 25_000;
// Below the grace of a node, and well beyond it.
const PAUSES_MS = [2_000, 20_000, 70_000, 420_000];
// Ahead by less than the two minutes after which an eviction that was allowed is no longer believed in.
const JUMPS_MS = [-90_000, -3_000, 2_000, 60_000];

type Trouble = (sim: SimCluster) => void;

const OF_CONTROL_PLANE: readonly Trouble[] = [crash, crash, crash, partition, jump];
const OF_ALL: readonly Trouble[] = [...OF_CONTROL_PLANE, powerCut, agentCrash, partitionNode];

export async function runTroubles(sim: SimCluster, signal: AbortSignal): Promise<void> {
  const { chaos, world } = sim;
  const possible = chaos.scope === 'all' ? OF_ALL : OF_CONTROL_PLANE;
  while (!signal.aborted) {
    await world.clock.sleep(chaos.between(SHORTEST_PEACE_MS, LONGEST_PEACE_MS));
    if (!signal.aborted) possible[chaos.pick(possible.length)]?.(sim);
  }
}

function chooseProgram({ parts, machines, chaos }: SimCluster): Part | undefined {
  const fitting = parts.filter((part) => part.alive && part.isBusy && !machines.has(part.name));
  return fitting[chaos.pick(fitting.length)];
}

function chooseAgent({ parts, machines, chaos }: SimCluster): Part | undefined {
  const fitting = parts.filter((part) => part.alive && machines.has(part.name));
  return fitting[chaos.pick(fitting.length)];
}

const pause = ({ chaos }: SimCluster, most = PAUSES_MS.length): number => PAUSES_MS[chaos.pick(most)] ?? 0;

function crash(sim: SimCluster): void {
  const part = chooseProgram(sim);
  if (part === undefined) return;
  const ms = pause(sim, 2);
  sim.chaos.count(`${part.name} crashes for ${ms} ms`);
  part.crash(ms);
}

function agentCrash(sim: SimCluster): void {
  const part = chooseAgent(sim);
  if (part === undefined) return;
  const ms = pause(sim);
  sim.chaos.count(`the agent of ${part.name} crashes for ${ms} ms`);
  part.crash(ms);
}

function powerCut(sim: SimCluster): void {
  const part = chooseAgent(sim);
  if (part === undefined) return;
  const ms = pause(sim);
  sim.chaos.count(`${part.name} is without power for ${ms} ms`);
  sim.powerOff(part.name);
  sim.world.clock.setTimer(ms, () => part.start());
}

function partition(sim: SimCluster): void {
  cutOff(sim, chooseProgram(sim), pause(sim, 2));
}

function partitionNode(sim: SimCluster): void {
  cutOff(sim, chooseAgent(sim), pause(sim));
}

function cutOff(sim: SimCluster, part: Part | undefined, ms: number): void {
  if (part === undefined) return;
  sim.chaos.count(`${part.name} is cut off for ${ms} ms`);
  part.cut(true);
  sim.world.clock.setTimer(ms, () => part.cut(false));
}

function jump(sim: SimCluster): void {
  const part = chooseProgram(sim);
  if (part === undefined) return;
  const ms = JUMPS_MS[sim.chaos.pick(JUMPS_MS.length)] ?? 0;
  sim.chaos.count(`the clock of ${part.name} jumps to ${ms} ms ahead`);
  part.skew(ms);
}
