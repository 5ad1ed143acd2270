/** The one error a runtime throws; callers branch on `reason`, users read `message`. */
export type RuntimeErrorReason =
  | 'NotFound' // no such sandbox, container or image
  | 'AlreadyExists' // a live sandbox or container holds that name and attempt
  | 'InvalidImageName'
  | 'ImageNotFound' // the registry answered: no such name or tag
  | 'ImagePullDenied' // the registry asks for (other) credentials
  | 'RegistryUnavailable' // no registry answered
  | 'ImagePullFailed' // any other failure of a pull
  | 'Unavailable' // the runtime itself does not answer; try again
  | 'Timeout' // the runtime answers, but this call ran out of its time
  | 'Failed'; // the runtime tried and refused or failed; the message says why

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly reason: RuntimeErrorReason;

  constructor(reason: RuntimeErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export function isRuntimeError(error: unknown, ...reasons: readonly RuntimeErrorReason[]): error is RuntimeError {
  return error instanceof RuntimeError && (reasons.length === 0 || reasons.includes(error.reason));
}
