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

/** What to write. `name` is set when the event exists already and only its count, message and last time change. */
export type Correlated = {
  readonly series: Series;
  readonly message: string;
  readonly count: number;
  readonly firstMs: number;
  readonly name?: string;
};

/** The reports that are one event: alike in all, or combined because they are many. */
export type Series = {
  readonly message: string | undefined;
  readonly fieldPath: string | undefined;
  written: { readonly count: number; readonly firstMs: number; readonly name: string } | undefined;
};

/** What was reported of one kind about one object. What was said is mostly one thing, which needs no set. */
type Group = {
  readonly type: Report['type'];
  readonly reason: string;
  first: string | undefined;
  others: Set<string> | undefined;
  lastMs: number;
  series: readonly Series[];
};

type About = { tokens: number; atMs: number; groups: readonly Group[] };

// Upstream's figures (client-go `tools/record`).
const REMEMBERED = 4096;
const ALIKE_BEFORE_COMBINING = 10;
const ALIKE_WITHIN_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;
// Of one object; who says more different things is forgotten the oldest of them.
const MOST_GROUPS = 32;
const MOST_SERIES = 2 * ALIKE_BEFORE_COMBINING;
const NONE: readonly never[] = [];
// No name has it.
const BETWEEN = '\0';

/** By object first: each is asked about by its own few texts, and no key is made of them. */
export class EventCorrelator {
  readonly #objects: Recent<string, About>;

  constructor(remembered: number = REMEMBERED) {
    this.#objects = new Recent(remembered);
  }

  /** What to write about this report, or undefined when the object has had too many events. */
  correlate(object: ObjectReference, report: Report, nowMs: number): Correlated | undefined {
    const about = this.#about(object, nowMs);
    const group = groupOf(about, report, nowMs);
    const isOneOfMany = countWith(group, report.message) >= ALIKE_BEFORE_COMBINING;
    if (isOneOfMany) group.others?.delete(report.message); // one place stays free, so that the memory grows no further
    const series = isOneOfMany
      ? seriesOf(group, undefined, undefined)
      : seriesOf(group, report.message, object.fieldPath);
    if (!isAllowed(about, nowMs)) return undefined;
    const message = isOneOfMany ? `(combined from similar events): ${report.message}` : report.message;
    const { written } = series;
    if (written === undefined) return { series, message, count: 1, firstMs: nowMs };
    return { series, message, count: written.count + 1, firstMs: written.firstMs, name: written.name };
  }

  #about(object: ObjectReference, nowMs: number): About {
    const key = keyOf(object);
    const known = this.#objects.get(key);
    if (known !== undefined) return known;
    const about = { tokens: BURST, atMs: nowMs, groups: NONE };
    this.#objects.set(key, about);
    return about;
  }
}

/** The event was written under this name. */
export function noteWritten({ series, count, firstMs }: Correlated, name: string): void {
  series.written = { count, firstMs, name };
}

/** The event no longer exists: its next report starts a new one. */
export function noteGone({ series }: Correlated): void {
  series.written = undefined;
}

function groupOf(about: About, { type, reason }: Report, nowMs: number): Group {
  let group = about.groups.find((each) => each.reason === reason && each.type === type);
  if (group === undefined) {
    group = { type, reason, first: undefined, others: undefined, lastMs: nowMs, series: NONE };
    about.groups = withNewest(about.groups, group, MOST_GROUPS);
  }
  if (nowMs - group.lastMs > ALIKE_WITHIN_MS) group.first = group.others = undefined;
  group.lastMs = nowMs;
  return group;
}

function seriesOf(group: Group, message: string | undefined, fieldPath: string | undefined): Series {
  const known = group.series.find((each) => each.message === message && each.fieldPath === fieldPath);
  if (known !== undefined) return known;
  const added: Series = { message, fieldPath, written: undefined };
  group.series = withNewest(group.series, added, MOST_SERIES);
  return added;
}

/** Most hold one thing, and a list that is added to has room for sixteen more. */
function withNewest<T>(list: readonly T[], item: T, most: number): readonly T[] {
  if (list.length === 0) return [item];
  return (list.length === most ? list.slice(1) : list).concat([item]);
}

function isAllowed(about: About, nowMs: number): boolean {
  const tokens = Math.min(BURST, about.tokens + (nowMs - about.atMs) / REFILL_MS);
  about.tokens = tokens >= 1 ? tokens - 1 : tokens;
  about.atMs = nowMs;
  return tokens >= 1;
}

/** How many different things have been said, this one included. */
function countWith(group: Group, message: string): number {
  group.first ??= message;
  if (group.first !== message) (group.others ??= new Set()).add(message);
  return 1 + (group.others?.size ?? 0);
}

/** Who has a uid needs no other name, and that text is in memory already. */
function keyOf({ apiVersion, kind, namespace, name, uid = '' }: ObjectReference): string {
  return uid === '' ? [apiVersion, kind, namespace, name].join(BETWEEN) : uid;
}
