/**
 * Finds the moments of a schedule. Clocks that jump are treated as upstream treats them: a time that is left out is
 * skipped, one that comes twice is met twice.
 */
import type { CalendarSchedule, Schedule } from './parse.ts';
import type { TimeZone } from './time-zone.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
// As upstream: what does not come within so many years never comes.
const YEARS = 5;

/** The first moment after `afterMs`; undefined for a schedule that never comes, such as 31 February. */
export function nextTime(schedule: Schedule, afterMs: number): number | undefined {
  const nextSecondMs = (Math.floor(afterMs / SECOND_MS) + 1) * SECOND_MS;
  if ('everyMs' in schedule) return nextSecondMs - SECOND_MS + schedule.everyMs;
  return new Search(schedule, nextSecondMs).find();
}

/** A clock on the wall of a time zone, moved forward one field after another until all of them match. */
class Search {
  readonly #schedule: CalendarSchedule;
  readonly #zone: TimeZone;
  #ms: number;
  /** Whether the fields below the one that is looked at were set to their beginning. */
  #isReset = false;

  constructor(schedule: CalendarSchedule, startMs: number) {
    this.#schedule = schedule;
    this.#zone = schedule.zone;
    this.#ms = startMs;
  }

  find(): number | undefined {
    const lastYear = this.#wall().getUTCFullYear() + YEARS;
    for (;;) {
      if (this.#wall().getUTCFullYear() > lastYear) return undefined;
      if (this.#toMonth() && this.#toDay() && this.#toHour() && this.#toMinute()) return this.#ms;
    }
  }

  /** False when the field wrapped around: the ones above it must be looked at again. */
  #toMonth(): boolean {
    while (!this.#schedule.months.values.has(this.#wall().getUTCMonth() + 1)) {
      const wall = this.#wall();
      this.#reset(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), 1));
      this.#addToDate({ months: 1 });
      if (this.#wall().getUTCMonth() === 0) return false;
    }
    return true;
  }

  #toDay(): boolean {
    while (!this.#matchesDay()) {
      const wall = this.#wall();
      this.#reset(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()));
      this.#addToDate({ days: 1 });
      // Some zones leave out midnight, and the clock then shows an hour before or after it.
      const hour = this.#wall().getUTCHours();
      if (hour !== 0) this.#ms += (hour > 12 ? 24 - hour : -hour) * HOUR_MS;
      if (this.#wall().getUTCDate() === 1) return false;
    }
    return true;
  }

  #matchesDay(): boolean {
    const { daysOfMonth, daysOfWeek } = this.#schedule;
    const wall = this.#wall();
    const ofMonth = daysOfMonth.values.has(wall.getUTCDate());
    const ofWeek = daysOfWeek.values.has(wall.getUTCDay());
    return daysOfMonth.isOpen || daysOfWeek.isOpen ? ofMonth && ofWeek : ofMonth || ofWeek;
  }

  #toHour(): boolean {
    while (!this.#schedule.hours.values.has(this.#wall().getUTCHours())) {
      this.#reset(Math.floor(this.#wall().getTime() / HOUR_MS) * HOUR_MS);
      this.#ms += HOUR_MS;
      if (this.#wall().getUTCHours() === 0) return false;
    }
    return true;
  }

  #toMinute(): boolean {
    // A schedule has no field for seconds: it means the first of a minute.
    while (this.#ms % MINUTE_MS !== 0 || !this.#schedule.minutes.values.has(this.#wall().getUTCMinutes())) {
      this.#isReset = true;
      this.#ms = (Math.floor(this.#ms / MINUTE_MS) + 1) * MINUTE_MS;
      if (this.#wall().getUTCMinutes() === 0) return false;
    }
    return true;
  }

  /** What the clock on the wall shows, written as if it were UTC. */
  #wall(): Date {
    return new Date(this.#ms + this.#zone.offsetAt(this.#ms));
  }

  #reset(wallMs: number): void {
    if (!this.#isReset) this.#ms = this.#momentOf(wallMs);
    this.#isReset = true;
  }

  #addToDate({ months = 0, days = 0 }: { readonly months?: number; readonly days?: number }): void {
    const wall = this.#wall();
    const date = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + months, wall.getUTCDate() + days);
    this.#ms = this.#momentOf(date + (wall.getTime() % (24 * HOUR_MS)));
  }

  /** When the clock shows this. Of a time that comes twice or never, the one that Go's `time.Date` takes. */
  #momentOf(wallMs: number): number {
    const guessMs = this.#zone.offsetAt(wallMs);
    return guessMs === 0 ? wallMs : wallMs - this.#zone.offsetAt(wallMs - guessMs);
  }
}
