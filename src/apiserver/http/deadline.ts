/** How long a request may take before its client is told that it took too long; what was begun goes on without it. */
import { ApiError, badRequestError } from '#api/errors';
import { DurationError, parseGoDuration } from '#api/meta/go-duration';
import type { Clock } from '#base/world';

const MAX_MS = 60_000;
const NANOS_PER_MS = 1_000_000n;

/** What the client allows, at most a minute; zero and below mean the same as nothing. */
export function limitOf(timeout: string | null): number {
  if (timeout === null || timeout === '') return MAX_MS;
  const limitMs = Number(durationOf(timeout) / NANOS_PER_MS);
  return limitMs > 0 ? Math.min(limitMs, MAX_MS) : MAX_MS;
}

function durationOf(text: string): bigint {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw badRequestError(`invalid timeout specified in the request URL - ${error.message}`);
  }
}

/** Settles as `work` does, unless the time is up first. */
export async function beforeDeadline<T>(work: Promise<T>, limitMs: number, clock: Clock): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  using _timer = clock.setTimer(limitMs, () => reject(timedOut()));
  work.then(resolve, reject);
  return await promise;
}

const timedOut = (): ApiError =>
  new ApiError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
