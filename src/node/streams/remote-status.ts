/** How a remote command's end is told to the client: as a `Status`, or as plain text by protocols before version 4. Pure. */
import { RuntimeError } from '../runtime/runtime-error.ts';

export type RemoteOutcome =
  | { readonly type: 'Exited'; readonly exitCode: number; readonly command: readonly string[] }
  | {
      readonly type: 'Failed';
      readonly action: 'executing command in container' | 'attaching to container';
      readonly error: unknown;
    };

export type StatusForm = 'json' | 'text';

export function encodeOutcome(outcome: RemoteOutcome, form: StatusForm): Buffer {
  const status = statusOf(outcome);
  if (form === 'json') return Buffer.from(JSON.stringify(status));
  return Buffer.from(status.message ?? '');
}

type Status = {
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly causes: readonly { readonly reason?: string; readonly message: string }[] };
};

export function statusOf(outcome: RemoteOutcome): Status {
  if (outcome.type === 'Exited') return exitStatus(outcome.exitCode, outcome.command);
  const message = `error ${outcome.action}: ${textOf(outcome.error)}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  };
}

function exitStatus(exitCode: number, command: readonly string[]): Status {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  const detail = `error executing command [${command.join(' ')}], exit code ${exitCode}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${detail}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

// Errors that are not the runtime's own may hold what the client has no business to see.
function textOf(error: unknown): string {
  return error instanceof RuntimeError ? error.message : 'the node agent failed';
}
