/** The events of one watch as a client reads them: batches as they came, and the server's error as one that is thrown. */
import type { ApiObject } from '#api/object';
import type { ApiResult, WatchEvent } from '#api/request';
import { errorOfStatus } from './status-error.ts';
import { unexpectedResult } from './unexpected-result.ts';

type Batch<T extends ApiObject> = readonly WatchEvent<T>[];
type Result<T extends ApiObject> = IteratorResult<Batch<T>, undefined>;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** No generator: every change of every object comes through here, and each would wait twice more for its turn. */
export class WatchedEvents<T extends ApiObject> implements AsyncIterator<Batch<T>, undefined> {
  #ask: (() => Promise<ApiResult>) | undefined;
  #source: AsyncIterator<Batch<T>> | undefined;
  /** Comes after the events that were in one batch with it. */
  #failure: { readonly error: unknown } | undefined;

  /** `ask` begins the watch; it is called when the first batch is asked for. */
  constructor(ask: () => Promise<ApiResult>) {
    this.#ask = ask;
  }

  next(): Promise<Result<T>> {
    if (this.#failure !== undefined) return this.#fail(this.#failure.error);
    return this.#source === undefined ? this.#begin() : this.#source.next().then(this.#checked);
  }

  /** The reader leaves. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ask = undefined;
    await this.#end();
    return DONE;
  }

  async #begin(): Promise<Result<T>> {
    const ask = this.#ask;
    this.#ask = undefined;
    if (ask === undefined) return DONE;
    const result = await ask();
    if (result.type !== 'watch') throw unexpectedResult('a stream of events', result);
    this.#source = (result.events as AsyncIterable<Batch<T>>)[Symbol.asyncIterator]();
    return await this.next();
  }

  readonly #checked = (result: IteratorResult<Batch<T>, unknown>): Result<T> | Promise<Result<T>> => {
    if (result.done === true) {
      this.#source = undefined;
      return DONE;
    }
    const batch = result.value;
    const failed = batch.findIndex(isError);
    if (failed < 0) return result;
    const error = errorOfStatus(batch[failed]?.object);
    if (failed === 0) return this.#fail(error);
    this.#failure = { error };
    return { done: false, value: batch.slice(0, failed) };
  };

  async #fail(error: unknown): Promise<never> {
    this.#failure = undefined;
    await this.#end();
    throw error;
  }

  async #end(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.return?.();
  }
}

const isError = ({ type }: WatchEvent): boolean => type === 'ERROR';
