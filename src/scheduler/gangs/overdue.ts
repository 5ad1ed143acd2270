/** Tells of gangs that still lack pods when their time has passed. It runs from the first of their pods on. */
import type { Timer } from '#base/world';
import type { ReporterOptions } from '../reporting.ts';
import type { Gangs } from './gangs.ts';
import { reportGroup } from './group-reporting.ts';
import { scheduleTimeoutMs } from './schedule-timeout.ts';

export class OverdueGangs implements Disposable {
  readonly #options: ReporterOptions;
  readonly #gangs: Gangs;
  readonly #timers = new Map<string, Timer>();

  constructor(options: ReporterOptions, gangs: Gangs) {
    this.#options = options;
    this.#gangs = gangs;
  }

  /** Pods of the group came or went, or the group itself is another. */
  check(key: string): void {
    const short = this.#gangs.shortOf(key);
    const timer = this.#timers.get(key);
    if (short === undefined) {
      timer?.[Symbol.dispose]();
      this.#timers.delete(key);
    } else if (timer === undefined) {
      const { clock } = this.#options.world;
      const delayMs = scheduleTimeoutMs(short.group);
      this.#timers.set(
        key,
        clock.setTimer(delayMs, () => this.#tell(key)),
      );
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  #tell(key: string): void {
    this.#timers.delete(key);
    const short = this.#gangs.shortOf(key);
    if (short === undefined) return;
    const { group, minCount, present } = short;
    const lacking = `minCount (${minCount}) cannot be satisfied: ${present} after ${scheduleTimeoutMs(group) / 1000}s`;
    const message = `pod group is unschedulable, waiting for minCount pods from a gang to appear in scheduling queue: ${lacking}`;
    void reportGroup(this.#options, group, { reason: 'Unschedulable', message });
  }
}
