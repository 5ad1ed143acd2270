/** Runs a command in a container: exit code 0 is a success. */
import type { ExecAction } from '#api/types/core-v1';
import { isRuntimeError } from '../runtime/runtime-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Answer } from './probe-target.ts';

export type ExecTarget = {
  readonly action: ExecAction;
  readonly runtime: Runtime;
  readonly containerId: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

const LONGEST_OUTPUT_BYTES = 10 * 1024;

export async function execProbe({ action, runtime, containerId, timeoutMs, signal }: ExecTarget): Promise<Answer> {
  const command = action.command ?? [];
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(containerId, { command, timeoutMs }, signal);
    const output = Buffer.concat([stdout, stderr]).toString('utf8', 0, LONGEST_OUTPUT_BYTES);
    return { result: exitCode === 0 ? 'Success' : 'Failure', output };
  } catch (error) {
    if (!isRuntimeError(error, 'Timeout')) throw error;
    return {
      result: 'Failure',
      output: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s`,
    };
  }
}
