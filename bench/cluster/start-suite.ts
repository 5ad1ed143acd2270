/** Suite `start`: from the command `tutti up` to a Ready node. */
import { spreadOf } from '../spread.ts';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';
import { type BenchRuntime, startCluster, tutti } from './bench-cluster.ts';
import { startable } from './startable.ts';

const STARTS: Readonly<Record<Scale, number>> = { full: 5, quick: 2 };
const TARGET_MS: Readonly<Record<BenchRuntime, number>> = { hollow: 1000, cri: 3000 };

export const startSuite: Suite = {
  name: 'start',
  description: '"tutti up --no-demo" until its node is Ready, everything installed',
  needs: 'containers',
  async run(context) {
    const measurements: Measurement[] = [];
    for (const runtime of startable(context)) measurements.push(await measure(context, runtime));
    return measurements;
  },
};

async function measure({ scale, folder, progress, signal }: BenchContext, runtime: BenchRuntime): Promise<Measurement> {
  const floor: number[] = [];
  const ours: number[] = [];
  // The first of each fills caches of compiled code and of images, as installing does.
  for (let start = 0; start <= STARTS[scale]; start++) {
    signal.throwIfAborted();
    progress(start === 0 ? `${runtime}, warm-up` : `${runtime}, start ${start} of ${STARTS[scale]}`);
    const beforeMs = performance.now();
    await tutti(['version'], signal);
    const versionMs = performance.now() - beforeMs;
    await using cluster = await startCluster({ folder, runtime, signal });
    if (start === 0) continue;
    floor.push(versionMs);
    ours.push(cluster.upMs);
  }
  const spread = spreadOf(ours);
  return {
    workload: `tutti up --runtime ${runtime}`,
    figure: spread.p50,
    unit: 'ms',
    spread,
    reference: { name: 'tutti version', figure: spreadOf(floor).p50 },
    targets: [{ of: 'figure', keep: 'at most', limit: TARGET_MS[runtime] }],
  };
}
