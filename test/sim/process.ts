/** A program of the simulated cluster that can die at any moment: from then on its timers, its requests and its streams are still. */
import { onAbort } from '#base/abort';
import { seededRandom } from '#base/seeded-random';
import type { Timer, World } from '#base/world';

export type Process = {
  readonly world: World;
  readonly signal: AbortSignal;
  readonly isDead: () => boolean;
  /** Nothing that it does from now on reaches anybody. */
  kill(): void;
};

/** `skewMs`: how far its clock is ahead of the others'. */
export function startProcess(outside: World, seed: number, skewMs: () => number): Process {
  const ending = new AbortController();
  const armed = new Set<Timer>();
  let dead = false;
  const setTimer = (delayMs: number, fire: () => void): Timer => {
    if (dead) return { [Symbol.dispose]: () => undefined };
    const timer = outside.clock.setTimer(delayMs, () => {
      armed.delete(timer);
      if (!dead) fire();
    });
    armed.add(timer);
    return {
      [Symbol.dispose]: () => {
        armed.delete(timer);
        timer[Symbol.dispose]();
      },
    };
  };
  const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted === true) {
      reject(signal.reason);
      return promise;
    }
    const timer = setTimer(delayMs, resolve);
    if (signal === undefined) return promise;
    const listening = onAbort(signal, () => {
      timer[Symbol.dispose]();
      reject(signal.reason);
    });
    return promise.finally(() => listening[Symbol.dispose]());
  };
  return {
    world: {
      clock: { now: () => outside.clock.now() + skewMs(), setTimer, sleep, nextTurn: outside.clock.nextTurn },
      random: seededRandom(seed),
      newId: () => outside.newId(),
    },
    signal: ending.signal,
    isDead: () => dead,
    kill() {
      dead = true;
      for (const timer of armed) timer[Symbol.dispose]();
      armed.clear();
      ending.abort();
    },
  };
}
