/** Runs many cases and judges each: refused or accepted in little memory and short turns of the event loop, and nothing touched that is not the case's own. */
import { errorMessage } from '#base/errors';
import { Chance } from './chance.ts';
import type { Target } from './target.ts';
import { longestTurnMs } from './turns.ts';

// An event loop that is held longer than this makes everybody else wait.
const MAX_CASE_MS = 50;
const MAX_MEMORY_BYTES = 1536 * 1024 * 1024;
const MEMORY_EVERY = 20_000;
// A case that took long because memory was tidied up in the middle of it is quick when it is run again.
const SLOW_RETRIES = 3;

export type CampaignOptions = {
  readonly targets: readonly Target[];
  readonly cases: number;
  readonly seed: number;
  /** The number of the first case: any case can be run alone. */
  readonly from?: number;
  readonly onProgress?: (report: Report) => void;
};

export type Finding = { readonly target: string; readonly seed: number; readonly case: number; readonly what: string };

export type Report = {
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly slowest: string;
  readonly memoryBytes: number;
  readonly findings: readonly Finding[];
};

const MAX_FINDINGS = 20;
const PROGRESS_EVERY = 100_000;

export async function runCampaign({ targets, cases, seed, from = 0, onProgress }: CampaignOptions): Promise<Report> {
  const turns = targets.flatMap((target) => Array.from({ length: target.share }, () => target));
  const prototypes = new PrototypeGuard();
  const findings: Finding[] = [];
  const known = new Set<string>();
  const counts = { accepted: 0, refused: 0 };
  let slowest = { ms: 0, what: 'none' };
  let memoryBytes = 0;
  let number = from;
  const report = (): Report => ({
    ...counts,
    cases: number - from,
    slowestMs: slowest.ms,
    slowest: slowest.what,
    memoryBytes,
    findings,
  });
  for (; number < from + cases && findings.length < MAX_FINDINGS; number++) {
    const target = turns[number % turns.length] as Target;
    const note = (what: string): void => {
      // The same defect again and again is one.
      const place = `${target.name} ${what.split('\n').slice(0, 2).join(' ')}`;
      if (known.has(place)) return;
      known.add(place);
      findings.push({ target: target.name, seed, case: number, what });
    };
    const ms = await runCase(target, seedOf(seed, number), { counts, note });
    if (ms > slowest.ms) slowest = { ms, what: `${target.name}, case ${number}` };
    if (ms > MAX_CASE_MS) note(`holds the event loop for ${Math.round(ms)} ms`);
    const touched = prototypes.touched();
    if (touched !== undefined) note(`has changed ${touched}`);
    if (number % MEMORY_EVERY === 0) {
      memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
      if (memoryBytes > MAX_MEMORY_BYTES) note(`memory has grown to ${Math.round(memoryBytes / 2 ** 20)} MiB`);
    }
    if ((number + 1) % PROGRESS_EVERY === 0) onProgress?.(report());
  }
  memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
  return report();
}

/** Neighbouring cases must have nothing in common. */
const seedOf = (seed: number, number: number): number => Math.imul(seed ^ Math.imul(number, 0x9e3779b1), 0x85ebca6b);

type Judging = {
  readonly counts: { accepted: number; refused: number };
  readonly note: (what: string) => void;
};

/** For how many milliseconds it held the event loop at most: the least of several tries if the first was slow. */
async function runCase(target: Target, seed: number, { counts, note }: Judging): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries <= SLOW_RETRIES && shortest > MAX_CASE_MS; tries += 1) {
    try {
      const { ms, result } = await longestTurnMs(() => target.run(new Chance(seed)));
      shortest = Math.min(shortest, ms);
      if (tries === 0) counts[result] += 1;
    } catch (error) {
      note(error instanceof Error ? (error.stack ?? error.message) : errorMessage(error));
      return 0;
    }
  }
  return shortest;
}

const GUARDED = {
  Object: Object.prototype,
  Array: Array.prototype,
  Function: Function.prototype,
  String: String.prototype,
};

/** Tells when a property was added to what all objects share; takes it away again, so that it is told once. */
class PrototypeGuard {
  readonly #known = new Map(Object.entries(GUARDED).map(([name, each]) => [name, new Set(Reflect.ownKeys(each))]));

  touched(): string | undefined {
    for (const [name, prototype] of Object.entries(GUARDED)) {
      const known = this.#known.get(name);
      const keys = Reflect.ownKeys(prototype);
      if (known === undefined || keys.length === known.size) continue;
      const added = keys.filter((key) => !known.has(key));
      for (const key of added) Reflect.deleteProperty(prototype, key);
      return `${name}.prototype: ${added.map(String).join(', ')}`;
    }
    return undefined;
  }
}

/** Throws when a part of a value has another prototype than values made from JSON have. */
export function assertPlain(value: unknown, allowed: readonly object[] = []): void {
  if (typeof value !== 'object' || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === Array.prototype || prototype === null;
  if (!isPlain && !allowed.includes(prototype as object)) throw new TypeError('a part has a prototype of its own');
  for (const part of Object.values(value)) assertPlain(part, allowed);
}
