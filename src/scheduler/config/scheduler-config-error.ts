/** A configuration that cannot be used, with everything that is wrong with it. */
import type { FieldError } from '#api/meta/field-error';

export class SchedulerConfigError extends Error {
  override readonly name = 'SchedulerConfigError';
}

/** Several in brackets, as upstream joins them. */
export function invalidConfig(errors: readonly FieldError[]): SchedulerConfigError {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  return new SchedulerConfigError(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
}
