/** The file that names the process running a cluster, safe against process ids that the system has given out again. */
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { writeFileAtomically } from './write-file.ts';

export type RunningProcess = { readonly pid: number; readonly startTime: string };

/** Records that a process runs the cluster. */
export async function recordProcess(path: string, pid: number): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(processOf(pid))}\n`);
}

/** A process as it is now, to be recognised later. */
export function processOf(pid: number): RunningProcess {
  return { pid, startTime: startTimeOf(pid) ?? 'ended' };
}

/** The recorded process if it still runs. */
export async function runningProcess(path: string): Promise<RunningProcess | undefined> {
  const text = await readFile(path, 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  const recorded = JSON.parse(text) as RunningProcess;
  return isRunning(recorded) ? recorded : undefined;
}

export function isRunning({ pid, startTime }: RunningProcess): boolean {
  return startTimeOf(pid) === startTime;
}

/** Field 22 of /proc/PID/stat: the boot tick at which the process started. Undefined for none, and for a dead one not yet reaped. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
  return undefined;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
