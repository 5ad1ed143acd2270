/** How simulated pods behave: how long things take, how often they fail, what they use. */
import type { World } from '#base/world';

export type Range = readonly [leastMs: number, mostMs: number];

export type HollowProfile = {
  readonly sandboxMs: Range;
  readonly createMs: Range;
  readonly startMs: Range;
  /** From the stop signal to the exit of a container that ends by itself when asked. */
  readonly stopMs: Range;
  readonly pullMs: Range;
  /** Chances, 0 to 1. */
  readonly sandboxFailures: number;
  readonly startFailures: number;
  /** That a container which has started ends with an error, and after how long. */
  readonly crashes: number;
  readonly crashMs: Range;
  /** Images that no registry has. */
  readonly isMissing: (image: string) => boolean;
  /** What a container uses that does not say so. */
  readonly cpuNanoCores: number;
  readonly memoryBytes: number;
  /** What each container of a pod uses now; undefined for one that uses what its annotations or this profile say. */
  readonly usageOf: (pod: { readonly namespace: string; readonly name: string }) => HollowUsage | undefined;
};

export type HollowUsage = { readonly cpuNanoCores: number; readonly memoryBytes: number };

export const USUAL_PROFILE: HollowProfile = {
  sandboxMs: [40, 80],
  // Nobody looks at a container between the two: each simulated one needs one timer less.
  createMs: [0, 0],
  startMs: [25, 60],
  stopMs: [5, 20],
  pullMs: [200, 2_000],
  sandboxFailures: 0,
  startFailures: 0,
  crashes: 0,
  crashMs: [1_000, 600_000],
  isMissing: () => false,
  cpuNanoCores: 2_000_000,
  memoryBytes: 8 * 1024 * 1024,
  usageOf: () => undefined,
};

export function pick([leastMs, mostMs]: Range, { random }: Pick<World, 'random'>): number {
  return leastMs === mostMs ? leastMs : Math.round(leastMs + (mostMs - leastMs) * random());
}

/** A pod's annotations may say how its containers behave. */
export type Behaviour = {
  /** Ends by itself after this long. */
  readonly runsForMs?: number;
  readonly exitCode: number;
  readonly cpuNanoCores?: number;
  readonly memoryBytes?: number;
};

const PREFIX = 'hollow.tutti.io/';
// One for all that say nothing.
const USUAL_BEHAVIOUR: Behaviour = { exitCode: 0 };

export function behaviourOf(annotations: Readonly<Record<string, string>>): Behaviour {
  if (!Object.keys(annotations).some((name) => name.startsWith(PREFIX))) return USUAL_BEHAVIOUR;
  const number = (name: string): number | undefined => {
    const value = Number(annotations[PREFIX + name] ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const seconds = number('run-seconds');
  const milliCores = number('cpu-millicores');
  const memoryBytes = number('memory-bytes');
  return {
    exitCode: number('exit-code') ?? 0,
    ...(seconds === undefined ? {} : { runsForMs: seconds * 1000 }),
    ...(milliCores === undefined ? {} : { cpuNanoCores: milliCores * 1_000_000 }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}
