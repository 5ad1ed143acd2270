/** Keeps events few: repeats count up, many alike become one, and nobody may flood an object with them. */
import type { ObjectReference } from '#api/types/core-v1';
import { Recent } from '#base/recent';

export type Report = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** When it happened, of something that is told later; in milliseconds since the epoch. */
  readonly atMs?: number;
};

export type Reported = { readonly about: ObjectReference; readonly report: Report; readonly atMs: number };

/** What to write. `name` is set when the event exists already and only its count, message and last time change. */
export type Correlated = {
  readonly series: Series;
  readonly message: string;
  readonly count: number;
  readonly firstMs: number;
  readonly name: string | undefined;
};

/** The reports that are one event: alike in all, or combined because they are many. Thousands are remembered: each is one small object. */
export type Series = {
  readonly type: Report['type'];
  readonly reason: string;
  /** Undefined of those that are combined. */
  readonly message: string | undefined;
  readonly fieldPath: string | undefined;
  lastMs: number;
  /** Whether this is the one through which its message counts as said. */
  isSaid: boolean;
  /** The event as it was written last; without a name it is not there. */
  name: string | undefined;
  count: number;
  firstMs: number;
  /** The next one about the same object. */
  older: Series | undefined;
};

/** What one reporter said about an object. */
type Memory = {
  readonly reporter: string;
  newest: Series | undefined;
  /** When as many events as at first may be written at once again. */
  rechargedMs: number;
};

// Upstream's figures (client-go `tools/record`).
const REMEMBERED = 4096;
const ALIKE_BEFORE_COMBINING = 10;
const ALIKE_WITHIN_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;
// Of one object; who says more different things is forgotten the oldest of them.
const MOST_SERIES = 64;
// No name has it.
const BETWEEN = '\0';

/** By object first: each is asked about by its own few texts, and no key is made of them. */
export class EventCorrelator {
  readonly #objects: Recent<string, Memory>;

  /** `remembered`: how many objects at least; as many as upstream unless said. */
  constructor(remembered: number = REMEMBERED) {
    this.#objects = new Recent(remembered);
  }

  /** What to write about this report, or undefined when the object has had too many events. `reporter` tells apart those who share this. */
  correlate(reported: Reported, reporter = ''): Correlated | undefined {
    const { about, report, atMs } = reported;
    const memory = this.#memoryOf(about, reporter, atMs);
    forgetLongAgo(memory, report, atMs);
    const series = seriesOf(memory, reported);
    series.lastMs = atMs;
    if (!isAllowed(memory, atMs)) return undefined;
    const message = series.message ?? `(combined from similar events): ${report.message}`;
    const { name, count, firstMs } = series;
    if (name === undefined) return { series, message, count: 1, firstMs: atMs, name };
    return { series, message, count: count + 1, firstMs, name };
  }

  /** Most objects are spoken of by one only, who finds them by a text that is there already; others by a longer one. */
  #memoryOf(about: ObjectReference, reporter: string, nowMs: number): Memory {
    let key = keyOf(about);
    let memory = this.#objects.get(key);
    if (memory !== undefined && memory.reporter !== reporter) {
      key = reporter + BETWEEN + key;
      memory = this.#objects.get(key);
    }
    if (memory !== undefined) return memory;
    const first: Memory = { reporter, newest: undefined, rechargedMs: nowMs };
    this.#objects.set(key, first);
    return first;
  }
}

/** The event was written under this name. */
export function noteWritten({ series, count, firstMs }: Correlated, name: string): void {
  series.name = name;
  series.count = count;
  series.firstMs = firstMs;
}

/** The event no longer exists: its next report starts a new one. */
export function noteGone({ series }: Correlated): void {
  series.name = undefined;
}

/** What was said before a long silence no longer makes the next of its kind one of many. */
function forgetLongAgo({ newest }: Memory, report: Report, nowMs: number): void {
  for (let each = newest; each !== undefined; each = each.older) {
    if (isAlike(each, report) && nowMs - each.lastMs <= ALIKE_WITHIN_MS) return;
  }
  for (let each = newest; each !== undefined; each = each.older) {
    if (isAlike(each, report)) each.isSaid = false;
  }
}

function seriesOf(memory: Memory, { about, report }: Reported): Series {
  const isOneOfMany = countOthers(memory, report) >= ALIKE_BEFORE_COMBINING - 1;
  const message = isOneOfMany ? undefined : report.message;
  const fieldPath = isOneOfMany ? undefined : about.fieldPath;
  let known: Series | undefined;
  let isSaid = isOneOfMany;
  for (let each = memory.newest; each !== undefined; each = each.older) {
    if (each.message !== message || !isAlike(each, report)) continue;
    if (each.isSaid) isSaid = true;
    if (each.fieldPath === fieldPath) known = each;
  }
  const series = known ?? added(memory, newSeries(report, message, fieldPath));
  if (!isSaid) series.isSaid = true;
  return series;
}

/** How many other messages of this kind there were. */
function countOthers({ newest }: Memory, report: Report): number {
  let count = 0;
  for (let each = newest; each !== undefined; each = each.older) {
    if (each.isSaid && each.message !== report.message && isAlike(each, report)) count++;
  }
  return count;
}

const isAlike = (series: Series, { type, reason }: Report): boolean => series.reason === reason && series.type === type;

function added(memory: Memory, series: Series): Series {
  series.older = memory.newest;
  memory.newest = series;
  let last = series;
  for (let kept = 1; kept < MOST_SERIES && last.older !== undefined; kept++) last = last.older;
  last.older = undefined;
  return series;
}

function newSeries({ type, reason }: Report, message: string | undefined, fieldPath: string | undefined): Series {
  return {
    type,
    reason,
    message,
    fieldPath,
    lastMs: 0,
    isSaid: false,
    name: undefined,
    count: 0,
    firstMs: 0,
    older: undefined,
  };
}

function isAllowed(memory: Memory, nowMs: number): boolean {
  const fromMs = Math.max(memory.rechargedMs, nowMs);
  const isSpent = fromMs - nowMs > (BURST - 1) * REFILL_MS;
  if (!isSpent) memory.rechargedMs = fromMs + REFILL_MS;
  return !isSpent;
}

/** Who has a uid needs no other name. */
function keyOf({ apiVersion, kind, namespace, name, uid = '' }: ObjectReference): string {
  return uid === '' ? [apiVersion, kind, namespace, name].join(BETWEEN) : uid;
}
