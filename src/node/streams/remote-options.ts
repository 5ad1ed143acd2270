/** Which streams a client asks for in its query. Pure. */

import type { TerminalSize } from './remote-channels.ts';

export type RemoteOptions = {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  /** Never under a terminal, where both outputs are one. */
  readonly stderr: boolean;
  readonly tty: boolean;
  /** What the client's terminal has to begin with, if it said so in time. */
  readonly size?: TerminalSize;
};

/** Reads the words of the API (`stdin=true`) as well as those of the agent's own endpoint (`input=1`). */
export function decodeRemoteOptions(query: URLSearchParams): RemoteOptions {
  const tty = isSet(query, 'tty');
  return {
    command: query.getAll('command'),
    stdin: isSet(query, 'stdin', 'input'),
    stdout: isSet(query, 'stdout', 'output'),
    stderr: !tty && isSet(query, 'stderr', 'error'),
    tty,
  };
}

/** Undefined when the options make sense together. */
export function problemOf({ stdin, stdout, stderr }: RemoteOptions): string | undefined {
  return stdin || stdout || stderr ? undefined : 'you must specify at least 1 of stdin, stdout, stderr';
}

function isSet(query: URLSearchParams, ...names: readonly string[]): boolean {
  return names.some((name) => ['1', 'true', 't', 'T', 'TRUE', 'True'].includes(query.get(name) ?? ''));
}
