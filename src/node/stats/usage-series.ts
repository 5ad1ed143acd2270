/** The last readings of one container or node, and the rate between them. */
import { type Reading, type Usage, WINDOW_MS } from './usage.ts';

const NANOS_IN_MICRO = 1_000;
const MILLIS_IN_SECOND = 1_000;

export class UsageSeries {
  #readings: readonly Reading[] = [];

  add(reading: Reading): void {
    const last = this.#readings.at(-1);
    // Counters that went back belong to something new under the old name.
    const isNew = last !== undefined && (reading.cpuMicros < last.cpuMicros || reading.atMs <= last.atMs);
    const kept = isNew ? [] : this.#readings.filter(({ atMs }) => reading.atMs - atMs <= WINDOW_MS);
    // One that is older than the window is better than none.
    const before = kept.length === 0 && last !== undefined && !isNew ? [last] : kept;
    this.#readings = [...before, reading];
  }

  /** Undefined until there are two readings: a rate needs a time to pass. */
  usage(): Usage | undefined {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    const windowMs = last.atMs - first.atMs;
    const cpuNanoCores = ((last.cpuMicros - first.cpuMicros) * NANOS_IN_MICRO * MILLIS_IN_SECOND) / windowMs;
    const { memoryWorkingSetBytes } = last;
    return { timestampMs: last.atMs, windowMs, cpuNanoCores: Math.round(cpuNanoCores), memoryWorkingSetBytes };
  }
}
