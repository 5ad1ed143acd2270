/** Parts what one informer holds by a value of each object: every part is an informer, and all of them share one copy and one stream. */
import type { ApiObject, ObjectRef } from '#api/object';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { Change, Indexer, Informer } from './informer.ts';

export type Parting<T extends ApiObject> = {
  /** Of the index of the whole by which parts find their objects. */
  readonly name: string;
  /** Which part an object is in, if any. */
  readonly valueOf: (object: T) => string | undefined;
  readonly logger: Logger;
};

type Handler<T extends ApiObject> = (change: Change<T>) => void;
type Follower<T extends ApiObject> = { readonly handler: Handler<T> };

/** Finds a part by its value; a change reaches those alone who follow the part that it is in. Goes on as long as the whole does. */
export function partedInformer<T extends ApiObject>(
  whole: Informer<T>,
  parting: Parting<T>,
): (value: string) => Informer<T> {
  const followers = new Followers<T>(parting.logger);
  const { name, valueOf } = parting;
  whole.addIndex(name, valueOf);
  whole.subscribe(({ before, after }) => {
    const left = before === undefined ? undefined : valueOf(before);
    const right = after === undefined ? undefined : valueOf(after);
    if (left !== undefined && left === right) return followers.tell(left, { before: before as T, after: after as T });
    if (before !== undefined && left !== undefined) followers.tell(left, { before });
    if (after !== undefined && right !== undefined) followers.tell(right, { after });
  });
  return (value) => new PartInformer(whole, { ...parting, value, followers });
}

/** Those who follow a part, by its value. */
class Followers<T extends ApiObject> {
  readonly #ofValue = new Map<string, Set<Follower<T>>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(value: string, handler: Handler<T>): Disposable {
    // A follower of its own, so that one function may subscribe twice.
    const own: Follower<T> = { handler };
    const same = this.#ofValue.get(value) ?? new Set<Follower<T>>();
    this.#ofValue.set(value, same.add(own));
    return {
      [Symbol.dispose]: () => {
        same.delete(own);
        if (same.size === 0 && this.#ofValue.get(value) === same) this.#ofValue.delete(value);
      },
    };
  }

  tell(value: string, change: Change<T>): void {
    const same = this.#ofValue.get(value);
    if (same !== undefined) for (const { handler } of same) this.call(handler, change);
  }

  call(handler: Handler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#logger.error('a handler of changes failed', { error: asError(error) });
    }
  }
}

type Part<T extends ApiObject> = Parting<T> & { readonly value: string; readonly followers: Followers<T> };

class PartInformer<T extends ApiObject> implements Informer<T> {
  readonly #whole: Informer<T>;
  readonly #part: Part<T>;

  constructor(whole: Informer<T>, part: Part<T>) {
    this.#whole = whole;
    this.#part = part;
  }

  get synced(): Promise<void> {
    return this.#whole.synced;
  }

  get(ref: ObjectRef): T | undefined {
    const found = this.#whole.get(ref);
    return found !== undefined && this.#holds(found) ? found : undefined;
  }

  list(namespace?: string): readonly T[] {
    const { name, value } = this.#part;
    const all = this.#whole.byIndex(name, value);
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#whole.byIndex(name, value).filter((object) => this.#holds(object));
  }

  addIndex(name: string, indexer: Indexer<T>): void {
    this.#whole.addIndex(name, indexer);
  }

  subscribe(handler: Handler<T>): Disposable {
    const { followers, value } = this.#part;
    for (const after of this.list()) followers.call(handler, { after });
    return followers.add(value, handler);
  }

  /** A part is small: all of it is told at once. */
  subscribeInParts(handler: Handler<T>): Promise<Disposable> {
    return Promise.resolve(this.subscribe(handler));
  }

  observe(written: T, how: 'written' | 'removed'): void {
    this.#whole.observe(written, how);
  }

  #holds(object: T): boolean {
    return this.#part.valueOf(object) === this.#part.value;
  }
}
