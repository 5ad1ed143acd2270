/** Runs independent commands a few at a time and tells how each ended. */
import { spawn } from 'node:child_process';

export type Step = { readonly name: string; readonly command: readonly [program: string, ...args: string[]] };
export type Outcome = { readonly name: string; readonly ok: boolean; readonly tookMs: number; readonly output: string };
export type RunOptions = {
  readonly atOnce: number;
  /** A step that takes longer is killed and has failed: a test that leaks a handle never ends by itself. */
  readonly limitMs: number;
  readonly onEnd: (outcome: Outcome) => void;
};

/** Runs all steps, also after one failed, and returns whether all went well. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<boolean> {
  const waiting = [...steps];
  let allOk = true;
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const outcome = await runStep(step, options.limitMs);
      allOk &&= outcome.ok;
      options.onEnd(outcome);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return allOk;
}

function runStep({ name, command: [program, ...args] }: Step, limitMs: number): Promise<Outcome> {
  const startedMs = performance.now();
  // In a process group of its own, so that a step is ended together with what it started.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const limit = setTimeout(() => {
    output += `\nended after ${limitMs} ms: does something it opened keep it from ending?\n`;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, limitMs);
  return new Promise((resolve) => {
    const end = (ok: boolean): void => {
      clearTimeout(limit);
      resolve({ name, ok, tookMs: performance.now() - startedMs, output });
    };
    child.once('error', (error) => {
      output += error.message;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}
