/** Decides from a seed what goes wrong, where and when, and counts it. */
import { ApiError } from '#api/errors';
import type { ApiRequest } from '#api/request';
import { seededRandom } from '#base/seeded-random';

export type WriteFault =
  | { readonly type: 'none' }
  | { readonly type: 'crash before' | 'crash after' | 'lost before' | 'lost after' }
  | { readonly type: 'slow'; readonly ms: number };

export type WatchFault =
  | { readonly type: 'none' }
  | { readonly type: 'cut' }
  | { readonly type: 'late' | 'expired'; readonly ms: number };

export type ChaosOptions = {
  readonly seed: number;
  /** Tells the log. */
  readonly note: (what: string) => void;
  /** `process`: only the programs of the control plane fail, so that availability is theirs alone to keep. */
  readonly scope: 'all' | 'control plane';
};

// Shares of the writes and batches that something happens to.
const WRITES = 0.1;
const BATCHES = 0.025;
// Renewals and events are most of all writes and matter least.
const DULL = new Set(['leases', 'events']);
const DULL_SHARE = 0.05;
const LATEST_MS = 20_000;
const SLOWEST_MS = 3_000;

const WRITE_FAULTS = ['crash before', 'crash after', 'lost before', 'lost after', 'slow'] as const;
const WATCH_FAULTS = ['cut', 'expired', 'late', 'late'] as const;

export class Chaos {
  readonly #options: ChaosOptions;
  readonly #random: () => number;
  #points = 0;
  #on = false;

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  get points(): number {
    return this.#points;
  }

  get scope(): ChaosOptions['scope'] {
    return this.#options.scope;
  }

  start(): void {
    this.#on = true;
  }

  stop(): void {
    this.#on = false;
  }

  /** A whole number from 0 to below `end`. */
  pick(end: number): number {
    return Math.floor(this.#random() * end);
  }

  between(least: number, most: number): number {
    return least + this.pick(most - least);
  }

  count(what: string): void {
    this.#points++;
    this.#options.note(`fault: ${what}`);
  }

  onWrite(part: string, { verb, plural, name = '', subresource = '' }: ApiRequest): WriteFault {
    const share = WRITES * (DULL.has(plural) ? DULL_SHARE : 1);
    if (!this.#on || this.#random() >= share) return { type: 'none' };
    const type = WRITE_FAULTS[this.pick(WRITE_FAULTS.length)] ?? 'slow';
    this.count(`${part}: ${verb} ${plural}/${name} ${subresource}: ${type}`);
    return type === 'slow' ? { type, ms: this.between(1, SLOWEST_MS) } : { type };
  }

  onBatch(part: string, plural: string): WatchFault {
    if (!this.#on || DULL.has(plural) || this.#random() >= BATCHES) return { type: 'none' };
    const type = WATCH_FAULTS[this.pick(WATCH_FAULTS.length)] ?? 'late';
    this.count(`${part}: watch of ${plural}: ${type}`);
    return type === 'cut' ? { type } : { type, ms: this.between(1, LATEST_MS) };
  }
}

export const lost = (): ApiError => new ApiError('ServiceUnavailable', 'the connection was lost');
