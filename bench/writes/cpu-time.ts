/** What an operation costs the processor, whatever else the machine does meanwhile. */
import { type Spread } from '../suite.ts';
import { spreadOf } from '../spread.ts';

export type Cost = { readonly operations: number; readonly perSample: number };

/** Milliseconds of this thread's processor time for one operation; each sample is the mean of `perSample` of them. */
export async function cpuTime({ operations, perSample }: Cost, operate: (index: number) => unknown): Promise<Spread> {
  const samples: number[] = [];
  for (let index = 0; index < operations;) {
    const before = process.threadCpuUsage();
    for (let turn = 0; turn < perSample; turn++) await operate(index++);
    const { user, system } = process.threadCpuUsage(before);
    samples.push((user + system) / 1000 / perSample);
  }
  return spreadOf(samples);
}
