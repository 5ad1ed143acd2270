/** Runs a program to its end and gives what it printed; its complaints become the error. */
import { execFile } from 'node:child_process';
import { RuntimeError } from '../runtime-error.ts';

const LARGEST_OUTPUT_BYTES = 16 * 1024 * 1024;

export function runCommand(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: LARGEST_OUTPUT_BYTES, ...(signal === undefined ? {} : { signal }) };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal?.aborted === true) reject(signal.reason);
      else
        reject(
          new RuntimeError('Failed', `Cannot run ${program}: ${stderr.trim() || error.message}`, { cause: error }),
        );
    });
  });
}
