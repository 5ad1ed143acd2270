/** How many pods a second get a node, in the workloads of upstream's scheduler benchmark; ratios are to what its CI asks of upstream. */
import { join } from 'node:path';
import { errorMessage } from '#base/errors';
import { benchCertificates, startServer } from '../api/https-servers.ts';
import { startChild } from '../child.ts';
import type { BenchContext, Measurement, Suite } from '../suite.ts';
import { measureDecisions } from './decision-cost.ts';
import type { Outcome } from './run-workload.ts';
import type { FromWorkload, ToWorkload } from './workload-process.ts';
import { type Workload, WORKLOADS } from './workloads.ts';

const PROGRAM = new URL('workload-process.ts', import.meta.url);
// Over HTTPS a fifth of the nodes and pods tells as much, and all of them would take most of the run's time.
const SHARE = { full: { 'in process': 1, HTTPS: 0.2 }, quick: { 'in process': 0.1, HTTPS: 0.02 } } as const;

export const schedulingSuite: Suite = {
  name: 'scheduling',
  description: "pods a second that get a node, in upstream's workloads; ratio to what upstream's CI asks on 6 cores",
  needs: 'nothing',
  async run(context) {
    const measurements: Measurement[] = [...(await measureDecisions(context))];
    for (const workload of WORKLOADS) for (const way of WAYS) measurements.push(await measure(workload, way, context));
    return measurements;
  },
};

type Way = {
  readonly name: 'in process' | 'HTTPS';
  readonly run: (workload: Workload, context: BenchContext) => Promise<Outcome>;
};

const WAYS: readonly Way[] = [
  { name: 'in process', run: inProcess },
  { name: 'HTTPS', run: overHttps },
];

/** A workload that fails counts as one in which no pod got a node: the others are measured all the same. */
async function measure(workload: Workload, { name: how, run }: Way, context: BenchContext): Promise<Measurement> {
  const { progress, signal } = context;
  const row = rowName(workload, how, context);
  progress(row);
  try {
    const outcome = await run(workload, context);
    progress(`${row}: ${outcomeText(outcome)}`);
    return { ...rowOf(workload, how, outcome.pods / outcome.seconds), workload: row };
  } catch (error) {
    signal.throwIfAborted();
    progress(`${row}: failed: ${errorMessage(error)}`);
    return { ...rowOf(workload, how, 0), workload: `${row}: failed` };
  }
}

function rowName({ name }: Workload, how: Way['name'], { scale }: BenchContext): string {
  const share = SHARE[scale][how] * 100;
  return share === 100 ? `${name}, ${how}` : `${name}, ${how}, ${share} %`;
}

/** Each second by itself, since an average hides a stall. */
function outcomeText({ pods, seconds, busySeconds, samples }: Outcome): string {
  const rate = Math.round(pods / seconds).toLocaleString('en');
  const busy = Math.round((busySeconds * 1e6) / pods);
  return `${rate} pods/s, ${busy} µs a pod on the main thread, by second ${samples.join(' ')}`;
}

function rowOf({ upstream, target }: Workload, how: Way['name'], podsPerSecond: number): Omit<Measurement, 'workload'> {
  return {
    figure: podsPerSecond,
    unit: 'pods/s',
    ...(upstream === undefined ? {} : { reference: { name: "upstream's CI", figure: upstream } }),
    ...(how === 'HTTPS' ? {} : { targets: [{ of: 'figure', keep: 'at least', limit: target }] }),
  };
}

function inProcess({ name }: Workload, context: BenchContext): Promise<Outcome> {
  return outcomeOf({ workload: name, share: SHARE[context.scale]['in process'] }, context);
}

/** The server here, over a database; the scheduler and who creates the pods in the other process. */
async function overHttps({ name }: Workload, context: BenchContext): Promise<Outcome> {
  const certificates = benchCertificates();
  const { authority: ca, certificate: cert, key } = certificates.client;
  await using api = await startServer(join(context.folder, `${name.replaceAll(/\W+/g, '-')}.db`), certificates);
  const server = { url: `https://127.0.0.1:${api.port}`, ca, cert, key };
  return await outcomeOf({ workload: name, share: SHARE[context.scale].HTTPS, server }, context);
}

async function outcomeOf(question: ToWorkload, { signal }: BenchContext): Promise<Outcome> {
  await using child = startChild<ToWorkload, FromWorkload>(PROGRAM, signal);
  return await child.ask(question);
}
