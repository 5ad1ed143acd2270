/** Runs one package tool of the machine and turns its failure into a readable error. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ImageBuildError } from './errors.ts';

const run = promisify(execFile);
// apt prints a line a package; 16 MiB is far above any real list and still bounded.
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/** Standard output of the program; rejects with its last words when it fails or is aborted. */
export async function runCommand(
  program: string,
  parameters: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  try {
    const options = { env, maxBuffer: OUTPUT_LIMIT_BYTES, ...(signal === undefined ? {} : { signal }) };
    return (await run(program, [...parameters], options)).stdout;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ImageBuildError('Packages', `Cannot run ${program}: ${lastWords(cause)}`, { cause });
  }
}

function lastWords(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && cause.code === 'ENOENT') return 'not installed, expected a Debian or Ubuntu machine';
  const stderr = 'stderr' in cause && typeof cause.stderr === 'string' ? cause.stderr.trim() : '';
  return stderr === '' ? cause.message : stderr.split('\n').slice(-3).join('; ');
}
