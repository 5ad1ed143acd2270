/** How long it takes to simulate an hour of a thousand nodes, by two ways to count twenty changes a second. */
import { startChild } from '../child.ts';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';
import type { FromHour, ToHour } from './hour-process.ts';

const PROGRAM = new URL('hour-process.ts', import.meta.url);
// What is new is mostly gone soon: it is cheapest where the young objects live.
const FLAGS = ['--max-semi-space-size=64'];
const SIZES: Readonly<Record<Scale, { readonly nodes: number; readonly seconds: number }>> = {
  full: { nodes: 1_000, seconds: 3_600 },
  quick: { nodes: 200, seconds: 120 },
};
// Twenty changes of objects: a pod that is made, placed, started, stopped and taken away is about ten, heartbeats apart.
const PODS_OF_CHANGES = 2;
// Twenty changes by users: so many pods made, and as many deleted.
const PODS_OF_USERS = 10;
const HOUR_SECONDS = 3_600;
const LIMIT_SECONDS = 60;

export const simulationSuite: Suite = {
  name: 'simulation',
  description: 'an hour of a thousand nodes on virtual time: agents with heartbeats, scheduler, controllers',
  needs: 'nothing',
  async run(context) {
    return [...(await measureHour(context, PODS_OF_CHANGES)), ...(await measureHour(context, PODS_OF_USERS))];
  },
};

async function measureHour({ scale, progress, signal }: BenchContext, pods: number): Promise<readonly Measurement[]> {
  const { nodes, seconds } = SIZES[scale];
  progress(`${pods} pods made and deleted a second`);
  await using child = startChild<ToHour, FromHour>(PROGRAM, signal, FLAGS);
  const { tookSeconds, cpuSeconds, writesPerSecond } = await child.ask({ nodes, seconds, pods });
  const toAnHour = HOUR_SECONDS / seconds;
  const writes = Math.round(writesPerSecond);
  const what = `an hour of ${nodes} nodes, ${pods} pods made and ${pods} deleted a second (${writes} writes)`;
  const targets = scale === 'full' ? [{ of: 'figure', keep: 'at most', limit: LIMIT_SECONDS } as const] : [];
  return [
    { workload: what, figure: tookSeconds * toAnHour, unit: 's', targets },
    { workload: `${what}: processor time`, figure: cpuSeconds * toAnHour, unit: 's' },
  ];
}
