/** How fast a cluster grows to a million pods in one process, in how much memory, and how long it ever stops answering. */
import { startChild } from '../child.ts';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';
import type { FromMillion, ToMillion } from './million-process.ts';
import type { Cluster, Grown } from './million-pods.ts';

const PROGRAM = new URL('million-process.ts', import.meta.url);
// What V8 does by itself is made for heaps that are small beside the memory. This one lives on 8 GB: a look at the whole heap takes seconds, so it is had seldom
// (the old space may grow to 5 GB before the first) and at once, on both cores, and typed arrays count as part of the heap. New objects stay where the young ones
// live, for next to none of them grow old.
const FLAGS = [
  '--max-old-space-size=10000',
  '--initial-old-space-size=5000',
  '--max-semi-space-size=256',
  '--no-incremental-marking',
  '--external-memory-accounted-in-global-limit',
  '--no-allocation-site-pretenuring',
];
const CLUSTERS: Readonly<Record<Scale, Cluster>> = {
  full: { nodes: 5000, deployments: 1000, replicas: 1000 },
  quick: { nodes: 50, deployments: 10, replicas: 1000 },
};
const PATIENCE_MS = 15 * 60_000;
const MOST_SECONDS = 300;
const MOST_BYTES = 8e9;

export const scaleSuite: Suite = {
  name: 'scale',
  description: 'a million pods on 5,000 simulated nodes, created, scheduled, Running and counted, in one process',
  needs: 'nothing',
  run: measureGrowth,
};

async function measureGrowth({ scale, progress, signal }: BenchContext): Promise<readonly Measurement[]> {
  const cluster = CLUSTERS[scale];
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  await using child = startChild<ToMillion, FromMillion>(PROGRAM, patience, FLAGS);
  const grown = await child.ask(cluster);
  for (const { atSeconds, ms } of grown.pauses) progress(`a pause of ${ms.toFixed(0)} ms at ${atSeconds.toFixed(0)} s`);
  return rowsOf(cluster, grown, scale);
}

function rowsOf({ nodes }: Cluster, grown: Grown, scale: Scale): readonly Measurement[] {
  const { pods, seconds, cpuSeconds, writes, peakRssBytes, peakHeapBytes, longestPauseMs, pauses } = grown;
  const what = `${pods.toLocaleString('en')} pods on ${nodes.toLocaleString('en')} nodes`;
  const atMost = (limit: number): Pick<Measurement, 'targets'> =>
    scale === 'full' ? { targets: [{ of: 'figure', keep: 'at most', limit }] } : {};
  return [
    { workload: `${what}: all created`, figure: seconds.created, unit: 's' },
    { workload: `${what}: all scheduled`, figure: seconds.scheduled, unit: 's' },
    { workload: `${what}: all Running`, figure: seconds.running, unit: 's' },
    { workload: `${what}: all counted in status`, figure: seconds.counted, unit: 's', ...atMost(MOST_SECONDS) },
    { workload: `${what}: rate`, figure: pods / seconds.counted, unit: 'pods/s' },
    { workload: `${what}: processor time`, figure: (cpuSeconds * 1e6) / pods, unit: 'µs/pod' },
    { workload: `${what}: writes to the store`, figure: writes / pods, unit: 'writes/pod' },
    { workload: `${what}: most memory`, figure: peakRssBytes, unit: 'bytes', ...atMost(MOST_BYTES) },
    { workload: `${what}: most heap`, figure: peakHeapBytes, unit: 'bytes' },
    { workload: `${what}: longest pause`, figure: longestPauseMs, unit: 'ms' },
    { workload: `${what}: pauses over 1 s`, figure: pauses.length, unit: 'pauses' },
  ];
}
