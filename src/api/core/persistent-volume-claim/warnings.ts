/** What a claim's author should know although the claim is valid. */
import { milliValue } from '../../meta/quantity-arithmetic.ts';
import type { PersistentVolumeClaim } from '../../types/core-v1.ts';
import { classWarnings } from '../volume/storage-class.ts';

export function* claimWarnings(claim: PersistentVolumeClaim): Generator<string> {
  yield* classWarnings(claim);
  const { requests, limits } = claim.spec.resources ?? {};
  yield* fractionWarnings(requests, 'spec.resources.requests');
  yield* fractionWarnings(limits, 'spec.resources.limits');
}

function* fractionWarnings(list: Readonly<Record<string, string>> | undefined, field: string): Generator<string> {
  const text = list?.['storage'];
  if (text !== undefined && milliValue(text) % 1000 !== 0)
    yield `${field}[storage]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`;
}
