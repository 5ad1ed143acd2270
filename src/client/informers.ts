/** Makes informers and shares them: one list and one stream a kind, however many components look at it. */
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';
import { asError } from '#base/errors';
import type { Change, Indexer, Informer, Informers } from './informer.ts';
import { ObjectCache } from './object-cache.ts';
import { runReflector, type ReflectorContext, type ReflectorFilter } from './reflector.ts';

/** Informers that run until `signal` aborts. */
export function createInformers(context: ReflectorContext): Informers {
  const shared = new Map<string, SharedInformer<ApiObject>>();
  const start = <T extends ApiObject>(type: ResourceType<T>, filter: ReflectorFilter): Informer<T> => {
    const name = JSON.stringify([type.apiVersion, type.plural, filter.namespace, filter.fieldSelector]);
    const known = shared.get(name);
    if (known !== undefined) return known as unknown as Informer<T>;
    const informer = new SharedInformer(type, filter, context);
    shared.set(name, informer as unknown as SharedInformer<ApiObject>);
    return informer;
  };
  const whole = new Map<ResourceType, Informer<ApiObject>>();
  return {
    for<T extends ApiObject>(type: ResourceType<T>) {
      // Asked so often that even to name the kind would cost too much.
      const known = (whole.get(type) as unknown as Informer<T> | undefined) ?? start(type, {});
      whole.set(type, known as unknown as Informer<ApiObject>);
      return known;
    },
    filtered: (type, filter) => start(type, filter),
    async synced() {
      await Promise.all([...shared.values()].map((informer) => informer.synced));
    },
  };
}

// Many begin together and hear of as many objects each.
const TOLD_A_TURN = 250;

type Handler<T extends ApiObject> = (change: Change<T>) => void;
type Follower<T extends ApiObject> = { readonly handler: Handler<T> };

class SharedInformer<T extends ApiObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #cache: ObjectCache<T>;
  readonly #followers = new Set<Follower<T>>();
  readonly #undelivered: Change<T>[] = [];
  readonly #context: ReflectorContext;
  readonly #filtered: boolean;
  #delivering = false;

  constructor(type: ResourceType<T>, filter: ReflectorFilter, context: ReflectorContext) {
    this.#context = context;
    this.#filtered = filter.fieldSelector !== undefined;
    this.#cache = new ObjectCache<T>((change) => this.#deliver(change));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.synced = promise;
    promise.catch(() => undefined); // whoever waits hears of it; nobody has to wait
    const reflection = { type, filter, cache: this.#cache, onSynced: resolve };
    void runReflector(reflection, context).finally(() => reject(context.signal.reason));
  }

  get(ref: ObjectRef): T | undefined {
    return this.#cache.get(ref);
  }

  list(namespace?: string): readonly T[] {
    return this.#cache.list(namespace);
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#cache.byIndex(name, value);
  }

  addIndex(name: string, indexer: Indexer<T>): void {
    this.#cache.addIndex(name, indexer);
  }

  subscribe(handler: Handler<T>): Disposable {
    for (const after of this.#cache.list()) this.#call(handler, { after });
    return this.#follow(handler);
  }

  async subscribeInParts(handler: Handler<T>): Promise<Disposable> {
    const following = this.#follow(handler);
    let told = 0;
    for (const { metadata } of this.#cache.list()) {
      const after = this.#cache.get(metadata);
      if (after !== undefined) this.#call(handler, { after });
      if (++told % TOLD_A_TURN === 0) await this.#context.world.clock.nextTurn();
    }
    return following;
  }

  #follow(handler: Handler<T>): Disposable {
    // A follower of its own, so that one function may subscribe twice.
    const own: Follower<T> = { handler };
    this.#followers.add(own);
    return { [Symbol.dispose]: () => this.#followers.delete(own) };
  }

  observe(written: T, how: 'written' | 'removed'): void {
    // Whether an object we never held passes a filter is the server's to say.
    if (this.#filtered && this.#cache.get(written.metadata) === undefined) return;
    this.#cache.observe(written, how);
  }

  // A handler may write and observe; the change this makes waits its turn, so that every handler sees the same order.
  #deliver(change: Change<T>): void {
    if (this.#delivering) {
      this.#undelivered.push(change);
      return;
    }
    this.#delivering = true;
    for (let next: Change<T> | undefined = change; next !== undefined; next = this.#undelivered.shift()) {
      for (const { handler } of this.#followers) this.#call(handler, next);
    }
    this.#delivering = false;
  }

  #call(handler: Handler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#context.logger.error('a handler of changes failed', { error: asError(error) });
    }
  }
}
