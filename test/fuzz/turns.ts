/** How long the event loop is held: the longest turn of it, in processor time of this thread. */

/** Of what is done at once, all of it; of what takes several turns, the longest. */
export async function longestTurnMs<T>(
  run: () => T | Promise<T>,
): Promise<{ readonly ms: number; readonly result: T }> {
  const startedMs = processorMs();
  const outcome = run();
  const firstMs = processorMs() - startedMs;
  if (!(outcome instanceof Promise)) return { ms: firstMs, result: outcome };
  const watch = new TurnWatch();
  try {
    const result = await outcome;
    return { ms: Math.max(firstMs, watch.stop()), result };
  } finally {
    watch.stop();
  }
}

/** Is asked once a turn; whatever the loop did in between is counted as one. */
class TurnWatch {
  #longestMs = 0;
  #lastMs = processorMs();
  #next: NodeJS.Immediate;

  constructor() {
    this.#next = setImmediate(this.#look);
  }

  readonly #look = (): void => {
    this.#measure();
    this.#next = setImmediate(this.#look);
  };

  #measure(): void {
    const nowMs = processorMs();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }

  stop(): number {
    this.#measure();
    clearImmediate(this.#next);
    return this.#longestMs;
  }
}

// What waits for the processor because others have it holds nobody up on a machine of its own.
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
