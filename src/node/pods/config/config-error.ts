/** A container that cannot be made from what its pod says; shown as the reason it waits. */
export type ConfigErrorReason = 'CreateContainerConfigError' | 'CreateContainerError';

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly reason: ConfigErrorReason;

  constructor(message: string, reason: ConfigErrorReason = 'CreateContainerConfigError', options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
