/** Container images: their tag, when to pull them, and what their references may look like. */
import type { FieldError } from '../../meta/field-error.ts';
import { choiceErrors } from '../../meta/field-error.ts';

const PULL_POLICIES: readonly string[] = ['Always', 'IfNotPresent', 'Never'];

export const validatePullPolicy = (policy: string | undefined, field: string): readonly FieldError[] =>
  choiceErrors(policy ?? '', PULL_POLICIES, field);

/** An image without a tag means `latest`, which changes; any other tag, and every digest, is taken to stay. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';
}

/** The tag of a reference such as `registry:5000/team/web:1.2@sha256:…`: `latest` if it has neither tag nor digest, nothing if it has a digest only. */
function imageTag(image: string): string {
  const [name = '', digest] = image.split('@', 2);
  const last = name.slice(name.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  if (colon >= 0) return last.slice(colon + 1);
  return digest === undefined && name !== '' ? 'latest' : '';
}
