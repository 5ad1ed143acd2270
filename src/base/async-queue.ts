/** A bounded queue between one that produces at its own pace and one that consumes with `for await`. */

type Waiter<T> = {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
// Moving the remaining items to the front costs their number, so it is done only when at least as many were taken.
const COMPACT_AFTER = 1024;

export class AsyncQueue<T> implements AsyncIterableIterator<T, undefined>, Disposable {
  #items: T[] = [];
  #head = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #waiters: Waiter<T>[] = [];
  readonly #capacity: number;

  constructor(capacity = Number.POSITIVE_INFINITY) {
    this.#capacity = capacity;
  }

  /** Items waiting to be taken. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** True once no more items are accepted. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds an item; false, and the item is not added, when the queue is full or has ended. */
  push(item: T): boolean {
    if (this.#ended) return false;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: item });
      return true;
    }
    if (this.size >= this.#capacity) return false;
    this.#items.push(item);
    return true;
  }

  /** The first item that waits, if one does: who takes many waits only for those that are yet to come. */
  takeNow(): T | undefined {
    return this.size > 0 ? this.#take() : undefined;
  }

  /** Accepts no more items; what is queued is still delivered, then the iteration ends. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
  }

  /** Accepts no more items; what is queued is still delivered, then the iteration throws `error`. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#failure = { error };
    else waiter.reject(error);
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** The consumer leaves: what is queued is dropped. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this[Symbol.dispose]();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#items = [];
    this.#head = 0;
    this.#failure = undefined;
    this.end();
  }

  #take(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T; // the queue must not keep alive what it has handed out
    this.#head++;
    if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
