/** What the allocation of a service has to choose from, and how it says that it cannot. */
import { ApiError, invalidError } from '#api/errors';
import type { FieldError } from '#api/meta/field-error';
import type * as core from '#api/types/core-v1';
import type { AddressRange } from './address-range.ts';

export type PortRange = { readonly first: number; readonly last: number };

/** What other services have. */
export type Taken = { readonly addresses: ReadonlySet<string>; readonly ports: ReadonlySet<number> };

export type Allocation = {
  /** In the order in which they are drawn from. */
  readonly addresses: readonly AddressRange[];
  /** Given only to those who name them. */
  readonly kept: ReadonlySet<string>;
  readonly ports: PortRange;
  readonly taken: Taken;
  readonly random: () => number;
};

type Band = { readonly from: number; readonly to: number; readonly random: () => number };

/** The first free number from a random place on, going round once. */
export function firstFree({ from, to, random }: Band, isFree: (value: number) => boolean): number | undefined {
  const size = to - from;
  const start = Math.floor(random() * size);
  for (let step = 0; step < size; step++) {
    const value = from + ((start + step) % size);
    if (isFree(value)) return value;
  }
  return undefined;
}

export function invalidService(service: core.Service, errors: readonly FieldError[]): ApiError {
  return invalidError({ group: '', kind: 'Service' }, service.metadata.name, errors);
}

export function internal(message: string): ApiError {
  return new ApiError('InternalError', `Internal error occurred: ${message}`);
}
