/** Drives an operation from a number of clients, each of which starts its next operation when the last has ended. */
import { spreadOf } from './spread.ts';
import type { Spread } from './suite.ts';

export type Load = { readonly clients: number; readonly operations: number };

export type Round = { readonly perSecond: number; readonly spread: Spread };

export async function runLoad(
  { clients, operations }: Load,
  operate: (index: number) => Promise<unknown>,
): Promise<Round> {
  const latencies: number[] = [];
  let next = 0;
  const startMs = performance.now();
  const client = async (): Promise<void> => {
    while (next < operations) {
      const beforeMs = performance.now();
      await operate(next++);
      latencies.push(performance.now() - beforeMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startMs) / 1000;
  return { perSecond: latencies.length / seconds, spread: spreadOf(latencies) };
}

/** Noise only ever slows a round down, so the fastest says most about the code. */
export function bestOf(rounds: readonly Round[]): Round {
  const [first, ...others] = rounds;
  if (first === undefined) throw new RangeError('Cannot choose the best of 0 rounds: expected at least one');
  return others.reduce((best, round) => (round.perSecond > best.perSecond ? round : best), first);
}
