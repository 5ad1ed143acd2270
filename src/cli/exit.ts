/** How a command ends when it cannot do what was asked: one line that says what to do, and a stable exit code. */

/** 1: it failed. 2: asked wrongly, or something it needs is missing. 3: there is no such cluster, or it does not run. */
export type ExitCode = 1 | 2 | 3;

/** Thrown anywhere below a command; the program prints the message as one line and exits with the code. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
