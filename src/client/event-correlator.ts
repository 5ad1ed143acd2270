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

/** `name` is set when the event exists already and only its count, message and last time change. */
export type Correlated = {
  readonly key: string;
  readonly message: string;
  readonly count: number;
  readonly firstMs: number;
  readonly name?: string;
};

// Upstream's figures (client-go `tools/record`).
const REMEMBERED = 4096;
const ALIKE_BEFORE_COMBINING = 10;
const ALIKE_WITHIN_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;
// No name has it.
const BETWEEN = '\0';

/** What was said alike: mostly one thing, which needs no set. */
type Alike = { first: string | undefined; others: Set<string> | undefined; lastMs: number };
type Seen = { readonly count: number; readonly firstMs: number; readonly name: string };
type Reported = { readonly about: ObjectReference; readonly report: Report; readonly nowMs: number };
type Allowance = { readonly tokens: number; readonly atMs: number };

export class EventCorrelator {
  readonly #alike: Recent<string, Alike>;
  readonly #seen: Recent<string, Seen>;
  readonly #allowances: Recent<string, Allowance>;

  constructor(remembered: number = REMEMBERED) {
    this.#alike = new Recent(remembered);
    this.#seen = new Recent(remembered);
    this.#allowances = new Recent(remembered);
  }

  /** What to write about this report, or undefined when the object has had too many events. */
  correlate(about: ObjectReference, report: Report, nowMs: number): Correlated | undefined {
    const object = keyOf(about);
    const { message, key } = this.#combine(object, { about, report, nowMs });
    const seen = this.#seen.get(key);
    if (!this.#allow(object, nowMs)) return undefined;
    if (seen === undefined) return { key, message, count: 1, firstMs: nowMs };
    return { key, message, count: seen.count + 1, firstMs: seen.firstMs, name: seen.name };
  }

  /** The event was written under this name. */
  written({ key, count, firstMs }: Correlated, name: string): void {
    this.#seen.set(key, { count, firstMs, name });
  }

  /** The event no longer exists: its next report starts a new one. */
  forget({ key }: Correlated): void {
    this.#seen.delete(key);
  }

  #combine(object: string, { about, report, nowMs }: Reported): { readonly message: string; readonly key: string } {
    const { message } = report;
    const group = [object, report.type, report.reason].join(BETWEEN);
    let alike = this.#alike.get(group);
    if (alike === undefined || nowMs - alike.lastMs > ALIKE_WITHIN_MS) {
      alike = { first: undefined, others: undefined, lastMs: nowMs };
      this.#alike.set(group, alike);
    }
    alike.lastMs = nowMs;
    if (countWith(alike, message) < ALIKE_BEFORE_COMBINING) {
      return { message, key: [group, about.fieldPath, message].join(BETWEEN) };
    }
    alike.others?.delete(message); // one place stays free, so that the memory grows no further
    return { message: `(combined from similar events): ${message}`, key: group };
  }

  #allow(object: string, nowMs: number): boolean {
    const had = this.#allowances.get(object) ?? { tokens: BURST, atMs: nowMs };
    const tokens = Math.min(BURST, had.tokens + (nowMs - had.atMs) / REFILL_MS);
    this.#allowances.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    return tokens >= 1;
  }
}

/** How many different things have been said, this one included. */
function countWith(alike: Alike, message: string): number {
  alike.first ??= message;
  if (alike.first !== message) (alike.others ??= new Set()).add(message);
  return 1 + (alike.others?.size ?? 0);
}

/** Who has a uid needs no other name, and that text is in memory already. */
function keyOf({ apiVersion, kind, namespace, name, uid = '' }: ObjectReference): string {
  return uid === '' ? [apiVersion, kind, namespace, name].join(BETWEEN) : uid;
}
