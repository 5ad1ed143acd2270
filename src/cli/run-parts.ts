/** Runs parts of a cluster in this process, on record, so that no part of a cluster ever runs twice. */
import type { CommandContext } from './commands/context.ts';
import type { Cluster, Parts } from './composition.ts';
import { CommandError } from './exit.ts';
import { recordProcess, type RunningProcess, runningProcess } from './process-file.ts';

/** Resolves when the parts have ended because they were told to. */
export async function runParts({ composition, signal }: CommandContext, cluster: Cluster, parts: Parts): Promise<void> {
  const { pid, agentPid } = cluster.dir;
  const files = { all: [pid, agentPid], server: [pid], agent: [agentPid] }[parts];
  for (const file of files) {
    const running = await runningProcess(file);
    if (running !== undefined) throw new CommandError(2, alreadyRuns(cluster, running));
  }
  for (const file of files) await recordProcess(file, process.pid);
  await composition.run(cluster, parts, signal);
}

export const alreadyRuns = ({ dir }: Cluster, { pid }: RunningProcess): string =>
  `The cluster in ${dir.path} already runs as process ${pid}`;
