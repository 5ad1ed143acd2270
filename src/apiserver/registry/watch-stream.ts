/** The events of one watch in order: those of the start, then changes as they become durable, with bookmarks between. */
import { ApiError, toStatus } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { WatchEvent } from '#api/request';
import type { AbortScope } from '#base/abort';
import { asError } from '#base/errors';
import type { Clock, World } from '#base/world';
import { type BatchReader, RevisionCompactedError, type StoreEvent, type StoreWatch } from '#store/store';
import { translateEvent } from './watch-event.ts';

const BOOKMARK_MS = 60_000;

export type WatchStream = {
  readonly source: StoreWatch;
  readonly since: number;
  readonly initial: readonly WatchEvent[];
  readonly matches: ((object: ApiObject) => boolean) | undefined;
  /** Absent when the client wants no bookmarks. */
  readonly bookmark: ((revision: number) => WatchEvent) | undefined;
  readonly timeoutMs: number;
  /** Ends the source; the stream disposes it when it ends itself. */
  readonly scope: AbortScope;
};

type Result = IteratorResult<readonly WatchEvent[], undefined>;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** No generator: every change of every object comes through here, and thousands of these wait all the time. */
export class EventStream implements AsyncIterableIterator<readonly WatchEvent[], undefined>, BatchReader {
  readonly #stream: WatchStream;
  readonly #clock: Clock;
  #asked: ((result: Result) => void) | undefined;
  /** Whether the source is to tell of the next batch. */
  #reading = false;
  /** Came while nobody had asked. */
  #held: readonly StoreEvent[] | undefined;
  #due: number | undefined;
  #end: { readonly error: unknown } | undefined;
  #delivered: number;
  #claim: number | undefined;
  #timeout: Disposable | undefined;
  #timer: Disposable | undefined;
  #over = false;

  constructor(stream: WatchStream, { clock }: World) {
    this.#stream = stream;
    this.#clock = clock;
    this.#delivered = stream.since;
  }

  next(): Promise<Result> {
    if (this.#over) return Promise.resolve(DONE);
    if (this.#timeout === undefined) {
      this.#begin();
      const { initial } = this.#stream;
      if (initial.length > 0) return Promise.resolve({ done: false, value: initial });
    }
    return new Promise((resolve) => {
      this.#asked = resolve;
      this.#serve();
    });
  }

  /** The client leaves. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
  }

  arrived(batch: readonly StoreEvent[]): void {
    this.#reading = false;
    this.#held = batch;
    this.#serve();
  }

  ended(error?: unknown): void {
    this.#end = { error };
    this.#serve();
  }

  #begin(): void {
    const { source, scope, timeoutMs, bookmark } = this.#stream;
    this.#timeout = this.#clock.setTimer(timeoutMs, () => {
      this.#claim = source.progress();
      scope.abort();
    });
    if (bookmark !== undefined) this.#armBookmark();
  }

  /** Whoever waits gets what is there, if anything is. */
  #serve(): void {
    while (this.#asked !== undefined) {
      const batch = this.#takeBatch();
      if (batch !== undefined) this.#tellBatch(batch);
      else if (this.#end !== undefined) this.#finish(this.#end.error);
      else if (this.#due !== undefined) this.#tellBookmark(this.#due);
      else return;
    }
  }

  #takeBatch(): readonly StoreEvent[] | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined || this.#reading || this.#end !== undefined) return held;
    this.#reading = true;
    const batch = this.#stream.source.take(this);
    if (batch !== undefined) this.#reading = false;
    return batch;
  }

  /** Nothing, if the client has nothing to do with any of it. */
  #tellBatch(batch: readonly StoreEvent[]): void {
    this.#delivered = Math.max(this.#delivered, batch.at(-1)?.revision ?? 0);
    try {
      const events = translate(batch, this.#stream.matches);
      if (events.length > 0) this.#tell(events);
    } catch (error) {
      this.#finish(error);
    }
  }

  #tellBookmark(revision: number): void {
    this.#due = undefined;
    this.#delivered = Math.max(this.#delivered, revision);
    this.#tellRevision(this.#delivered);
  }

  #tellRevision(revision: number): void {
    const { bookmark } = this.#stream;
    if (bookmark !== undefined) this.#tell([bookmark(revision)]);
  }

  #tell(value: readonly WatchEvent[]): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.({ done: false, value });
  }

  #finish(error: unknown): void {
    if (error !== undefined) this.#tell([errorEvent(error)]);
    // A last bookmark lets the client resume without hearing of other kinds' changes again.
    else if (this.#claim !== undefined) this.#tellRevision(Math.max(this.#delivered, this.#claim));
    this.#leave();
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#held = undefined;
    this.#timeout?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#stream.scope[Symbol.dispose]();
    this.#asked?.(DONE);
    this.#asked = undefined;
  }

  #armBookmark(): void {
    this.#timer = this.#clock.setTimer(BOOKMARK_MS, () => {
      const claim = this.#stream.source.progress();
      // Everything up to the claim is on its way to this stream; one turn later it is here and goes out first.
      this.#timer = this.#clock.setTimer(0, () => {
        this.#due = claim;
        this.#serve();
        this.#armBookmark();
      });
    });
  }
}

function translate(batch: readonly StoreEvent[], matches: WatchStream['matches']): readonly WatchEvent[] {
  const events: WatchEvent[] = [];
  for (const change of batch) {
    const event = translateEvent(change, matches);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function errorEvent(error: unknown): WatchEvent {
  const status = toStatus(
    error instanceof RevisionCompactedError
      ? new ApiError('Expired', `too old resource version: ${error.message}`, { cause: error })
      : new ApiError('InternalError', asError(error).message, { cause: error }),
  );
  return { type: 'ERROR', object: status as unknown as ApiObject };
}
