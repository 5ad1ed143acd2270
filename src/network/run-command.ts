/** Runs a program to its end, feeding it text, and gives what it printed; its complaints become the error. */
import { execFile } from 'node:child_process';

export type CommandOptions = { readonly input?: string; readonly signal?: AbortSignal };

const LARGEST_OUTPUT_BYTES = 256 * 1024 * 1024;
// A program that hangs must not stop the node's network for ever; the largest rule sets take less than 2 s.
const TIMEOUT_MS = 30_000;

export class CommandError extends Error {
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode: number | undefined, cause: unknown) {
    super(message, { cause });
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

export function runCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const settings = { maxBuffer: LARGEST_OUTPUT_BYTES, timeout: TIMEOUT_MS, ...signalOf(options) };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (options.signal?.aborted === true) reject(options.signal.reason);
      else reject(failure(program, stderr.trim(), error));
    });
    // A program that ends without reading its input breaks the pipe; its exit code tells what there is to tell.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

function failure(program: string, complaint: string, error: Error & { code?: unknown }): CommandError {
  const exitCode = typeof error.code === 'number' ? error.code : undefined;
  const firstLines = complaint.split('\n').slice(0, 4).join('; ');
  return new CommandError(`Cannot run ${program}: ${firstLines || error.message}`, exitCode, undefined);
}

function signalOf({ signal }: CommandOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
