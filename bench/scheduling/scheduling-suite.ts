/** How many pods a second get a node, in the workloads of upstream's scheduler benchmark; ratios are to what its CI asks of upstream. */
import { join } from 'node:path';
import { benchCertificates, startServer } from '../api/https-servers.ts';
import { startChild } from '../child.ts';
import type { BenchContext, Measurement, Suite } from '../suite.ts';
import { measureDecisions } from './decision-cost.ts';
import type { Outcome } from './run-workload.ts';
import type { FromWorkload, ToWorkload } from './workload-process.ts';
import { type Workload, WORKLOADS } from './workloads.ts';

const PROGRAM = new URL('workload-process.ts', import.meta.url);
const SHARE = { full: 1, quick: 0.1 } as const;

export const schedulingSuite: Suite = {
  name: 'scheduling',
  description: "pods a second that get a node, in upstream's workloads; ratio to what upstream's CI asks on 6 cores",
  needs: 'nothing',
  async run(context) {
    const measurements: Measurement[] = [...(await measureDecisions(context))];
    for (const workload of WORKLOADS) {
      measurements.push(rowOf(workload, 'in process', await inProcess(workload, context)));
      measurements.push(rowOf(workload, 'HTTPS', await overHttps(workload, context)));
    }
    return measurements;
  },
};

function rowOf({ name, upstream, target }: Workload, how: 'in process' | 'HTTPS', outcome: Outcome): Measurement {
  return {
    workload: `${name}, ${how}`,
    figure: outcome.pods / outcome.seconds,
    unit: 'pods/s',
    ...(upstream === undefined ? {} : { reference: { name: "upstream's CI", figure: upstream } }),
    ...(how === 'HTTPS' ? {} : { targets: [{ of: 'figure', keep: 'at least', limit: target }] }),
  };
}

function inProcess({ name }: Workload, context: BenchContext): Promise<Outcome> {
  context.progress(`${name}, in process`);
  return outcomeOf({ workload: name, share: SHARE[context.scale] }, context);
}

/** The server here, over a database; the scheduler and who creates the pods in the other process. */
async function overHttps({ name }: Workload, context: BenchContext): Promise<Outcome> {
  context.progress(`${name}, HTTPS`);
  const certificates = benchCertificates();
  const { authority: ca, certificate: cert, key } = certificates.client;
  await using api = await startServer(join(context.folder, `${name.replaceAll(/\W+/g, '-')}.db`), certificates);
  const server = { url: `https://127.0.0.1:${api.port}`, ca, cert, key };
  return await outcomeOf({ workload: name, share: SHARE[context.scale], server }, context);
}

async function outcomeOf(question: ToWorkload, { signal }: BenchContext): Promise<Outcome> {
  await using child = startChild<ToWorkload, FromWorkload>(PROGRAM, signal);
  return await child.ask(question);
}
