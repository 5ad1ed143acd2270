/** Suite `idle`: what a cluster without work costs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf } from '../spread.ts';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';
import { type BenchRuntime, startCluster } from './bench-cluster.ts';
import { useOfTree } from './process-tree.ts';
import { startable } from './startable.ts';

type Times = { readonly settleMs: number; readonly watchMs: number };

const TIMES: Readonly<Record<Scale, Times>> = {
  full: { settleMs: 10_000, watchMs: 30_000 },
  quick: { settleMs: 3000, watchMs: 5000 },
};
const SAMPLE_MS = 500;
const RSS_MB = 200;
const CPU_PERCENT = 2;
const BYTES_PER_MB = 1024 * 1024;

export const idleSuite: Suite = {
  name: 'idle',
  description: 'a cluster without pods, containerd and what it runs apart',
  needs: 'containers',
  async run(context) {
    const floor = await bareNodeMb(context);
    const measurements: Measurement[] = [];
    for (const runtime of startable(context)) measurements.push(...(await measure(context, runtime, floor)));
    return measurements;
  },
};

async function measure(
  { scale, folder, progress, signal }: BenchContext,
  runtime: BenchRuntime,
  floorMb: number,
): Promise<readonly Measurement[]> {
  const { settleMs, watchMs } = TIMES[scale];
  progress(`${runtime}, starting`);
  await using cluster = await startCluster({ folder, runtime, signal });
  const pid = await cluster.processId();
  progress(`${runtime}, settling for ${settleMs / 1000} s`);
  await sleep(settleMs, undefined, { signal });
  progress(`${runtime}, watching for ${watchMs / 1000} s`);
  const before = useOfTree(pid, 'containerd');
  const startMs = performance.now();
  const megabytes: number[] = [];
  while (performance.now() - startMs < watchMs) {
    await sleep(SAMPLE_MS, undefined, { signal });
    megabytes.push(useOfTree(pid, 'containerd').rssBytes / BYTES_PER_MB);
  }
  const after = useOfTree(pid, 'containerd');
  return [
    {
      workload: `memory, ${runtime}`,
      figure: spreadOf(megabytes).p50,
      unit: 'MB RSS',
      reference: { name: 'bare Node process', figure: floorMb },
      targets: [{ of: 'figure', keep: 'at most', limit: RSS_MB }],
    },
    {
      workload: `processor time, ${runtime}`,
      figure: ((after.cpuMs - before.cpuMs) / (performance.now() - startMs)) * 100,
      unit: '% of a core',
      targets: [{ of: 'figure', keep: 'at most', limit: CPU_PERCENT }],
    },
  ];
}

/** The floor: Node with nothing to do. */
async function bareNodeMb({ progress, signal }: BenchContext): Promise<number> {
  progress('bare Node process');
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    await sleep(1000, undefined, { signal });
    return child.pid === undefined ? Number.NaN : useOfTree(child.pid, 'containerd').rssBytes / BYTES_PER_MB;
  } finally {
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
  }
}
