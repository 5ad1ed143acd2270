/** The rules of counts that may be percentages: how many pods may be gone, or more than there are to be. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import type { IntOrString } from '../meta/intorstring.ts';
import { isPercent } from '../meta/intorstring.ts';
import { checkPercent } from '../meta/names.ts';

export function* validateShare(share: IntOrString, field: string): Generator<FieldError> {
  if (typeof share === 'string') for (const problem of checkPercent(share)) yield invalid(field, share, problem);
  else if (share < 0) yield invalid(field, share, 'must be greater than or equal to 0');
}

export function* validateAtMostAll(share: IntOrString, field: string): Generator<FieldError> {
  if (isPercent(share) && shareNumber(share) > 100) yield invalid(field, share, 'must not be greater than 100%');
}

/** The count, or the number before the percent sign. */
export function shareNumber(share: IntOrString): number {
  if (typeof share === 'number') return share;
  return isPercent(share) ? Number(share.slice(0, -1)) : 0;
}
