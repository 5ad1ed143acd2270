/** What a claim's author should know although the claim is valid. */
import { milliValue } from '../../meta/quantity-arithmetic.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../types/core-v1.ts';
import { classWarnings } from '../volume/storage-class.ts';

export function* claimWarnings(claim: PersistentVolumeClaim): Generator<string> {
  yield* classWarnings(claim);
  yield* claimSpecWarnings(claim.spec, 'spec');
}

export function* claimSpecWarnings({ resources = {} }: PersistentVolumeClaimSpec, field: string): Generator<string> {
  yield* fractionWarnings(resources.requests, `${field}.resources.requests`);
  yield* fractionWarnings(resources.limits, `${field}.resources.limits`);
}

function* fractionWarnings(list: Readonly<Record<string, string>> | undefined, field: string): Generator<string> {
  const text = list?.['storage'];
  if (text !== undefined && milliValue(text) % 1000 !== 0)
    yield `${field}[storage]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`;
}
