/** Between the protocol's 64-bit integers and plain numbers. */

const NANOS_PER_MILLI = 1_000_000n;

export function int64(value: number | undefined): bigint {
  return value === undefined ? 0n : BigInt(Math.round(value));
}

/** Nanoseconds since the epoch do not fit a number exactly; milliseconds do. */
export function millis(nanoseconds: bigint): number {
  return Number(nanoseconds / NANOS_PER_MILLI);
}

/** The protocol writes "never" as zero. */
export function optionalMillis(nanoseconds: bigint): number | undefined {
  return nanoseconds === 0n ? undefined : millis(nanoseconds);
}

/** Whole seconds, rounded up, so that no one gets less time than asked for. */
export function wholeSeconds(milliseconds: number): bigint {
  return BigInt(Math.max(0, Math.ceil(milliseconds / 1000)));
}

export function timestampMillis(time: { readonly seconds: bigint; readonly nanos: number } | undefined): number {
  return time === undefined ? 0 : Number(time.seconds) * 1000 + Math.floor(time.nanos / 1_000_000);
}
