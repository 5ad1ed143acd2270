/** What is to happen when: by time, and of what falls due at the same moment the first that was added. */
import type { Timer } from './world.ts';

export type Due = { readonly dueMs: number; readonly fire: () => void };

export class Agenda {
  /** Ordered as a heap of four children each: moments are read side by side, and a step down looks at one line of memory. */
  #moments = new Float64Array(64);
  #count = 0;
  readonly #entries = new Map<number, Moment>();
  readonly #waiting = { count: 0 };

  /** Entries that are neither taken nor cancelled. */
  get size(): number {
    return this.#waiting.count;
  }

  /** Disposing the answer cancels the entry. */
  add(dueMs: number, fire: () => void): Timer {
    let moment = this.#entries.get(dueMs);
    if (moment === undefined) {
      moment = { entries: [], next: 0 };
      this.#entries.set(dueMs, moment);
      this.#push(dueMs);
    }
    const entry = new Entry(fire, this.#waiting);
    moment.entries.push(entry);
    return entry;
  }

  /** Takes the next entry, unless it is due later than `untilMs`. */
  next(untilMs: number): Due | undefined {
    while (this.#count > 0) {
      const dueMs = this.#moments[0] as number;
      if (dueMs > untilMs) return undefined;
      const moment = this.#entries.get(dueMs) as Moment;
      const fire = firstOf(moment);
      if (fire !== undefined) return { dueMs, fire };
      this.#entries.delete(dueMs);
      this.#pop();
    }
    return undefined;
  }

  #push(dueMs: number): void {
    if (this.#count === this.#moments.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#moments);
      this.#moments = larger;
    }
    const moments = this.#moments;
    let at = this.#count++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = moments[parent] as number;
      if (above <= dueMs) break;
      moments[at] = above;
      at = parent;
    }
    moments[at] = dueMs;
  }

  #pop(): void {
    const moments = this.#moments;
    const count = --this.#count;
    const last = moments[count] as number;
    let at = 0;
    for (let child = 1; child < count; child = 4 * at + 1) {
      const least = leastOf(moments, child, Math.min(child + 4, count));
      const below = moments[least] as number;
      if (below >= last) break;
      moments[at] = below;
      at = least;
    }
    moments[at] = last;
  }
}

/** What falls due at one moment, in the order in which it was added, and how much of it is done. */
type Moment = { readonly entries: Entry[]; next: number };

class Entry implements Disposable {
  #fire: (() => void) | undefined;
  readonly #waiting: { count: number };

  constructor(fire: () => void, waiting: { count: number }) {
    this.#fire = fire;
    this.#waiting = waiting;
    waiting.count++;
  }

  /** Undefined when it was cancelled. */
  take(): (() => void) | undefined {
    const fire = this.#fire;
    if (fire === undefined) return undefined;
    this.#fire = undefined;
    this.#waiting.count--;
    return fire;
  }

  [Symbol.dispose](): void {
    this.take();
  }
}

function firstOf(moment: Moment): (() => void) | undefined {
  while (moment.next < moment.entries.length) {
    const fire = moment.entries[moment.next++]?.take();
    if (fire !== undefined) return fire;
  }
  return undefined;
}

function leastOf(moments: Float64Array, start: number, end: number): number {
  let least = start;
  for (let at = start + 1; at < end; at++) if ((moments[at] as number) < (moments[least] as number)) least = at;
  return least;
}
