/** How long a container that keeps ending must wait before it is started again. */
import type { ContainerView, CrashBackoff } from './pod-state.ts';

const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 300_000;
// A container that ran this long since its last start is taken to be healthy.
const FORGET_AFTER_MS = 2 * LONGEST_DELAY_MS;

/** The time until which `container`, which has exited, is held back; undefined when it may start now. */
export function heldBackUntil(
  crash: CrashBackoff | undefined,
  container: ContainerView,
  now: number,
): number | undefined {
  const finishedAtMs = container.finishedAtMs ?? container.createdAtMs;
  if (crash === undefined || isForgotten(crash, finishedAtMs)) return undefined;
  const untilMs = finishedAtMs + crash.delayMs;
  return now < untilMs ? untilMs : undefined;
}

/** What to remember when `container` is started again. */
export function nextCrashBackoff(crash: CrashBackoff | undefined, container: ContainerView, now: number): CrashBackoff {
  const fresh = crash === undefined || isForgotten(crash, container.finishedAtMs ?? container.createdAtMs);
  return { delayMs: fresh ? FIRST_DELAY_MS : Math.min(crash.delayMs * 2, LONGEST_DELAY_MS), sinceMs: now };
}

function isForgotten(crash: CrashBackoff, finishedAtMs: number): boolean {
  return finishedAtMs - crash.sinceMs > FORGET_AFTER_MS;
}
