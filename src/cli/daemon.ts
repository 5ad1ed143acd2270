/** Starts and ends the process that runs a cluster in the background. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { World } from '#base/world';
import type { DataDir } from './data-dir.ts';
import { CommandError } from './exit.ts';
import { isRunning, processOf, type RunningProcess } from './process-file.ts';

const POLL_MS = 20;
const STOP_TIMEOUT_MS = 30_000;
const LINES_SHOWN = 5;

/** Starts `tutti up --foreground` on its own, its output going to the log file. */
export function startDetached(dir: DataDir, program: string): RunningProcess {
  mkdirSync(dir.path, { recursive: true });
  const log = openSync(dir.log, 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [...process.execArgv, program, 'up', '--foreground', '--data-dir', dir.path],
      {
        detached: true, // its own session: it outlives this terminal
        stdio: ['ignore', log, log],
        cwd: '/',
      },
    );
    child.unref();
    if (child.pid === undefined) throw new CommandError(1, `Cannot start ${process.execPath}`);
    return processOf(child.pid);
  } finally {
    closeSync(log);
  }
}

/** Asks the process to end and waits until it has; kills it when it does not. */
export async function stopProcess(running: RunningProcess, { clock }: World): Promise<void> {
  process.kill(running.pid, 'SIGTERM');
  const deadline = clock.now() + STOP_TIMEOUT_MS;
  while (isRunning(running)) {
    if (clock.now() > deadline) process.kill(running.pid, 'SIGKILL');
    await clock.sleep(POLL_MS);
  }
}

/** The end of the log, for a process that died while starting. */
export async function lastLogLines(dir: DataDir): Promise<string> {
  const text = await readFile(dir.log, 'utf8');
  return text.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
}
