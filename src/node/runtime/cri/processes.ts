/** Finds processes by their command line and ends them, never mistaking a reused pid for the process that had it before. */
import { readFile, readdir } from 'node:fs/promises';
import type { Clock } from '#base/world';

export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks between the machine's start and the process's; with the pid it names one process for good. */
  readonly startTicks: string;
};

export type Process = ProcessIdentity & { readonly command: readonly string[] };

const POLL_MS = 20;

export async function listProcesses(): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(readProcess));
  return found.filter((process) => process !== undefined);
}

async function readProcess(pid: number): Promise<Process | undefined> {
  const [identity, commandLine] = await Promise.all([identify(pid), readProcFile(pid, 'cmdline')]);
  if (identity === undefined || commandLine === undefined) return undefined;
  return { ...identity, command: commandLine.split('\0').slice(0, -1) };
}

/** Undefined when there is no such process, or only its remains that wait for a parent's attention. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readProcFile(pid, 'stat');
  if (stat === undefined) return undefined;
  // The program's name, in brackets, may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
  return { pid, startTicks };
}

export async function isAlive({ pid, startTicks }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startTicks === startTicks;
}

/** SIGTERM, after `graceMs` SIGKILL; resolves when it is gone. */
export async function endProcess(target: ProcessIdentity, graceMs: number, clock: Clock): Promise<void> {
  await signalProcess(target, 'SIGTERM');
  const killAtMs = clock.now() + graceMs;
  for (let killed = false; await isAlive(target); await clock.sleep(POLL_MS)) {
    if (killed || clock.now() < killAtMs) continue;
    await signalProcess(target, 'SIGKILL');
    killed = true;
  }
}

/** Does nothing when the process is gone. */
async function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(target))) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function readProcFile(pid: number, name: string): Promise<string | undefined> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch((error: unknown) => {
    // A process may end between being listed and being read.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
