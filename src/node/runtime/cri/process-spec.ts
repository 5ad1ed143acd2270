/** The specification of a process beside a container's first one: that one's, with another command. Pure. */
import { parseJsonExactly } from '#api/meta/exact-json';
import type { ExecRequest } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';

// Part of the language, not yet of the compiler's library.
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

export type ProcessWish = Pick<ExecRequest, 'command' | 'tty' | 'size'>;

/** `containerSpec` is the container's OCI specification as JSON; the result is the process alone. */
export function planProcessSpec(containerSpec: string, { command, tty, size }: ProcessWish): string {
  // Limits may be as large as 2^64 - 1, and have to come back digit by digit.
  const spec = parseJsonExactly(containerSpec);
  if (!isRecord(spec) || !isRecord(spec['process'])) {
    throw new RuntimeError('Failed', "Cannot read the container's specification: it names no process");
  }
  const process = spec['process'];
  const environment = Array.isArray(process['env']) ? process['env'] : [];
  return JSON.stringify({
    ...process,
    args: command,
    terminal: tty,
    env: tty ? [...environment, 'TERM=xterm'] : environment,
    ...(tty && size !== undefined ? { consoleSize: { width: size.columns, height: size.rows } } : {}),
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
