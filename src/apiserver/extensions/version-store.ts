/** The store as one version of a custom kind sees it: objects are read in that version, and written in the one that is stored. */
import { shapeObject } from '#api/extensions/schema/shape';
import type { JsonObject } from '#api/meta/json-value';
import { abortScope } from '#base/abort';
import { deepFreeze } from '#base/deep-freeze';
import type {
  Durability,
  HistoryEntry,
  ListOptions,
  ListPage,
  NotPromise,
  Storable,
  Store,
  StoreEvent,
  StoreWatch,
  Transaction,
  WatchOptions,
} from '#store/store';
import { listPrefix } from '../registry/keys.ts';
import type { CustomKind } from './custom-kind.ts';

export type StoredAs = {
  /** The version in which objects are kept. */
  readonly apiVersion: string;
  /** Ends watches when the definition changes, since what they told may look different now. */
  readonly retired: AbortSignal;
};

export class VersionStore implements Store {
  readonly #store: Store;
  readonly #kind: CustomKind;
  readonly #as: StoredAs;
  readonly #prefix: string;
  // Readers share what a stored object looks like in this version.
  readonly #seen = new WeakMap<Storable, Storable>();

  constructor(store: Store, kind: CustomKind, as: StoredAs) {
    this.#store = store;
    this.#kind = kind;
    this.#as = as;
    this.#prefix = listPrefix(kind.definition, undefined);
  }

  get revision(): number {
    return this.#store.revision;
  }

  get compactedRevision(): number {
    return this.#store.compactedRevision;
  }

  get(key: string): Storable | undefined {
    return this.#read(key, this.#store.get(key));
  }

  list(prefix: string, options?: ListOptions): ListPage {
    const page = this.#store.list(prefix, options);
    return this.#isOurs(prefix) ? { ...page, items: page.items.map((item) => this.#convert(item)) } : page;
  }

  count(prefix: string): number {
    return this.#store.count(prefix);
  }

  write<R>(transaction: (tx: Transaction) => NotPromise<R>, durability?: Durability): Promise<R> {
    return this.#store.write((tx) => transaction(this.#within(tx)), durability);
  }

  watch(prefix: string, { since, signal }: WatchOptions): StoreWatch {
    const scope = abortScope(signal, this.#as.retired);
    const source = this.#store.watch(prefix, { since, signal: scope.signal });
    const convert = (event: StoreEvent): StoreEvent => this.#event(event);
    return {
      progress: () => source.progress(),
      take(reader) {
        const batch = source.take({
          arrived: (arrived) => reader.arrived(arrived.map(convert)),
          ended(error) {
            scope[Symbol.dispose]();
            reader.ended(error);
          },
        });
        return batch?.map(convert);
      },
      async *[Symbol.asyncIterator]() {
        using _scope = scope;
        for await (const batch of source) yield batch.map(convert);
      },
    };
  }

  async history(key: string): Promise<readonly HistoryEntry[]> {
    return await this.#store.history(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The store itself belongs to somebody else.
  }

  #within(tx: Transaction): Transaction {
    return {
      get: (key) => this.#read(key, tx.get(key)),
      put: (key, object) => this.#put(tx, key, object),
      delete: (key) => this.#read(key, tx.delete(key)),
    };
  }

  #put<T extends Storable>(tx: Transaction, key: string, object: T): T {
    if (!this.#isOurs(key)) return tx.put(key, object);
    return this.#convert(tx.put(key, inVersion(object, this.#as.apiVersion))) as T;
  }

  #event(event: StoreEvent): StoreEvent {
    if (!this.#isOurs(event.key)) return event;
    const { previous } = event;
    return {
      ...event,
      object: this.#convert(event.object),
      ...(previous === undefined ? {} : { previous: this.#convert(previous) }),
    };
  }

  #read(key: string, object: Storable | undefined): Storable | undefined {
    return object === undefined || !this.#isOurs(key) ? object : this.#convert(object);
  }

  #isOurs(key: string): boolean {
    return key.startsWith(this.#prefix);
  }

  #convert(object: Storable): Storable {
    const known = this.#seen.get(object);
    if (known !== undefined) return known;
    const { definition, schema } = this.#kind;
    const renamed = inVersion(object, definition.apiVersion);
    const { value } = shapeObject(schema, renamed as unknown as JsonObject);
    const converted = deepFreeze(value) as unknown as Storable;
    this.#seen.set(object, converted);
    return converted;
  }
}

function inVersion<T extends Storable>(object: T, apiVersion: string): T {
  return (object as T & { readonly apiVersion?: string }).apiVersion === apiVersion
    ? object
    : { ...object, apiVersion };
}
