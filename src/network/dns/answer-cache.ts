/** Keeps others' answers for as long as they allow, at most so many. */
import { HEADER_BYTES, messageLayout } from './plan/message-layout.ts';

type Kept = { readonly message: Buffer; readonly storedMs: number; readonly lifetimeMs: number };

const CAPACITY = 4096;
const LARGEST_BYTES = 4096;
// Whatever its owner says: a name that moves is found again within half a minute.
const LONGEST_SECONDS = 30;

export class AnswerCache {
  readonly #kept = new Map<string, Kept>();

  /** The answer, fitted to the query: its id, its spelling of the name, and what is left of the lifetimes. */
  get(key: string, query: Buffer, nowMs: number): Buffer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const ageMs = nowMs - kept.storedMs;
    if (ageMs >= kept.lifetimeMs || ageMs < 0) {
      this.#kept.delete(key);
      return undefined;
    }
    this.#kept.delete(key);
    this.#kept.set(key, kept); // the last used is the last to be dropped
    return fitted(kept.message, query, Math.floor(ageMs / 1000));
  }

  put(key: string, message: Buffer, nowMs: number): void {
    const { lifetimeSeconds } = messageLayout(message);
    if (lifetimeSeconds === 0 || message.length > LARGEST_BYTES) return;
    const lifetimeMs = Math.min(lifetimeSeconds, LONGEST_SECONDS) * 1000;
    this.#kept.set(key, { message, storedMs: nowMs, lifetimeMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > CAPACITY && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** A copy of the answer with the query's id and question, its lifetimes shortened by `ageSeconds`. */
export function fitted(answer: Buffer, query: Buffer, ageSeconds: number): Buffer {
  const copy = Buffer.from(answer);
  const { questionEnd, lifetimeOffsets } = messageLayout(copy);
  query.copy(copy, 0, 0, 2);
  query.copy(copy, HEADER_BYTES, HEADER_BYTES, questionEnd);
  for (const offset of lifetimeOffsets) copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(offset) - ageSeconds), offset);
  return copy;
}
