/** Does many alike things in batches that double, so that what fails once does not fail five hundred times. */

/** Calls `act` up to `count` times: once, then twice as many each time a whole batch went well. Returns the first failure. */
export async function inSlowStart(count: number, act: () => Promise<Error | undefined>): Promise<Error | undefined> {
  for (let left = count, size = 1; left > 0; size *= 2) {
    const batch = Math.min(size, left);
    const results = await Promise.all(Array.from({ length: batch }, act));
    const failure = results.find((result) => result !== undefined);
    if (failure !== undefined) return failure;
    left -= batch;
  }
  return undefined;
}
