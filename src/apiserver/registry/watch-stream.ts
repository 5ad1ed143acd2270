/** The events of one watch in order: those of the start, then changes as they become durable, with bookmarks between. */
import { ApiError, toStatus } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { WatchEvent } from '#api/request';
import type { AbortScope } from '#base/abort';
import { asError } from '#base/errors';
import type { Clock, World } from '#base/world';
import { RevisionCompactedError, type StoreEvent, type StoreWatch } from '#store/store';
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

export async function* streamEvents(stream: WatchStream, { clock }: World): AsyncGenerator<readonly WatchEvent[]> {
  using scope = stream.scope;
  const { source, matches, bookmark } = stream;
  let claim: number | undefined;
  using _timeout = clock.setTimer(stream.timeoutMs, () => {
    claim = source.progress();
    scope.abort();
  });
  using inbox = new Inbox(source, bookmark === undefined ? undefined : clock);
  let delivered = stream.since;
  try {
    if (stream.initial.length > 0) yield stream.initial;
    for (let arrived = await inbox.next(); arrived !== undefined; arrived = await inbox.next()) {
      delivered = Math.max(delivered, arrived.revision);
      const events = arrived.due ? bookmarks(bookmark, delivered) : translate(arrived.batch, matches);
      if (events.length > 0) yield events;
    }
    // A last bookmark lets the client resume without hearing of other kinds' changes again.
    if (claim !== undefined && bookmark !== undefined) yield [bookmark(Math.max(delivered, claim))];
  } catch (error) {
    yield [errorEvent(error)];
  }
}

function bookmarks(bookmark: WatchStream['bookmark'], revision: number): readonly WatchEvent[] {
  return bookmark === undefined ? [] : [bookmark(revision)];
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

type Arrival = { readonly revision: number; readonly batch: readonly StoreEvent[]; readonly due: boolean };

type Waiter = { readonly resolve: (arrival: Arrival | undefined) => void; readonly reject: (error: unknown) => void };

/** What comes in: batches, and bookmarks that are due. */
class Inbox implements Disposable {
  readonly #batches: AsyncIterator<readonly StoreEvent[]>;
  readonly #source: StoreWatch;
  readonly #clock: Clock | undefined;
  #timer: Disposable | undefined;
  #pending = false;
  #batch: IteratorResult<readonly StoreEvent[]> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #due: number | undefined;
  #waiter: Waiter | undefined;

  constructor(source: StoreWatch, clock: Clock | undefined) {
    this.#source = source;
    this.#clock = clock;
    this.#batches = source[Symbol.asyncIterator]();
    this.#armBookmark();
  }

  /** Undefined at the end. */
  next(): Promise<Arrival | undefined> {
    this.#fetch();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#serve();
    });
  }

  /** Whoever waits gets what is there, if anything is. */
  #serve(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    if (this.#failure !== undefined) waiter.reject(this.#failure.error);
    else if (this.#batch !== undefined) waiter.resolve(this.#takeBatch(this.#batch));
    else if (this.#due !== undefined) waiter.resolve(this.#takeDue(this.#due));
    else return;
    this.#waiter = undefined;
  }

  #takeBatch({ done, value: batch }: IteratorResult<readonly StoreEvent[]>): Arrival | undefined {
    this.#batch = undefined;
    return done === true ? undefined : { revision: batch.at(-1)?.revision ?? 0, batch, due: false };
  }

  #takeDue(revision: number): Arrival {
    this.#due = undefined;
    return { revision, batch: [], due: true };
  }

  // Not Promise.race: every race would leave a reaction behind on the promise that loses.
  #fetch(): void {
    if (this.#pending || this.#batch !== undefined) return;
    this.#pending = true;
    this.#batches.next().then(
      (result) => {
        this.#pending = false;
        this.#batch = result;
        this.#serve();
      },
      (error: unknown) => {
        this.#failure = { error };
        this.#serve();
      },
    );
  }

  #armBookmark(): void {
    this.#timer = this.#clock?.setTimer(BOOKMARK_MS, () => {
      const claim = this.#source.progress();
      // Everything up to the claim is on its way to this inbox; one turn later it is here and goes out first.
      this.#timer = this.#clock?.setTimer(0, () => {
        this.#due = claim;
        this.#serve();
        this.#armBookmark();
      });
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}
