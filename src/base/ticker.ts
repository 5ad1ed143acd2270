/** A steady beat to loop over. */
import { onAbort } from './abort.ts';
import type { Clock, World } from './world.ts';

export type TickOptions = { readonly world: Pick<World, 'clock'>; readonly signal: AbortSignal };

/**
 * Yields the time every `everyMs`, the first after one interval, until the signal aborts; then it ends without throwing.
 * Beats that the loop's body was too slow for are dropped, and the next one keeps to the original rhythm.
 */
export async function* ticks(everyMs: number, { world: { clock }, signal }: TickOptions): AsyncGenerator<number, void> {
  let dueMs = clock.now();
  while (!signal.aborted) {
    const nowMs = clock.now();
    const behindMs = Math.max(0, nowMs - dueMs);
    dueMs += everyMs * (1 + Math.floor(behindMs / everyMs));
    // A clock that was set back must not leave the loop waiting for the old time to come round again.
    if (dueMs - nowMs > 2 * everyMs) dueMs = nowMs + everyMs;
    if (!(await slept(dueMs - nowMs, { clock, signal }))) return;
    yield clock.now();
  }
}

function slept(delayMs: number, { clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(delayMs, () => {
      listening[Symbol.dispose]();
      resolve(true);
    });
    const listening = onAbort(signal, () => {
      timer[Symbol.dispose]();
      resolve(false);
    });
  });
}
