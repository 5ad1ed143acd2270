/** The copy an informer keeps of one kind: indexed, and never behind the writes it was told about. */
import type { ApiObject, ObjectRef } from '#api/object';
import type { Change, Indexer } from './informer.ts';
import { keyOf, keyOfRef } from './key.ts';

// Most of what is looked for by an owner is not there.
const NOTHING: readonly never[] = [];
const NAMESPACE = 'namespace';

type Index<T extends ApiObject> = {
  readonly indexer: Indexer<T>;
  readonly found: Map<string, Map<string, T>>;
};

export type Relisting<T extends ApiObject> = {
  add(items: readonly T[]): void;
  /** All parts of the list as of `revision` were added: what is not among them is no longer there. */
  end(revision: number): void;
};

/**
 * Objects by key. Every change is judged by revision: what the server's stream delivers never brings back something older than
 * what a write of ours has already shown, and a write's result never brings back something the stream has already replaced.
 */
export class ObjectCache<T extends ApiObject> {
  readonly #objects = new Map<string, T>();
  /** The revision at which a removal of ours was seen, until the stream has passed it. */
  readonly #removed = new Map<string, number>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #onChange: (change: Change<T>) => void;
  #revision = 0;

  constructor(onChange: (change: Change<T>) => void) {
    this.#onChange = onChange;
  }

  /** Everything up to this revision came from the server's list or stream. */
  get revision(): number {
    return this.#revision;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#objects.get(keyOfRef(ref));
  }

  list(namespace?: string): readonly T[] {
    if (namespace === undefined) return [...this.#objects.values()];
    this.addIndex(NAMESPACE, namespaceOf); // not before somebody asks: a million pods have few namespaces
    return this.byIndex(NAMESPACE, namespace);
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`Cannot read index "${name}": it was not added`);
    const found = index.found.get(value);
    return found === undefined ? NOTHING : [...found.values()];
  }

  addIndex(name: string, indexer: Indexer<T>): void {
    const known = this.#indexes.get(name);
    if (known?.indexer === indexer) return;
    if (known !== undefined) throw new Error(`Cannot add index "${name}": it exists with another function`);
    const index: Index<T> = { indexer, found: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) enter(index, key, object);
  }

  /** Takes a complete list, in as many parts as it comes in. */
  relist(): Relisting<T> {
    const listed = new Set<string>();
    return {
      add: (items) => {
        for (const item of items) {
          listed.add(keyOf(item));
          this.#put(item);
        }
      },
      end: (revision) => {
        for (const [key, held] of this.#objects) {
          // What we wrote after the list was made cannot be in it.
          if (!listed.has(key) && revisionOf(held) <= revision) this.#drop(key);
        }
        this.passed(revision);
      },
    };
  }

  /** Takes one change of the server's stream. */
  deliver(type: 'put' | 'delete', object: T): void {
    if (type === 'put') this.#put(object);
    else this.#remove(object);
    this.passed(revisionOf(object));
  }

  /** The stream has handed out everything up to `revision`. */
  passed(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    for (const [key, removedAt] of this.#removed) if (removedAt <= this.#revision) this.#removed.delete(key);
  }

  /** Takes the result of a write of ours. */
  observe(object: T, how: 'written' | 'removed'): void {
    if (how === 'removed') this.#observeRemoval(object);
    // A stream that is at least as far knows better.
    else if (revisionOf(object) > this.#revision) this.#put(object);
  }

  #observeRemoval(object: T): void {
    const key = keyOf(object);
    const held = this.#objects.get(key);
    const isSame = held !== undefined && held.metadata.uid === object.metadata.uid;
    // Over HTTPS the server may say only that the object is gone: then it is the one that we hold.
    const revision = isSame ? revisionOf(object) || revisionOf(held) : revisionOf(object);
    // A stream that is at least as far knows better, unless it only knows the state before the removal.
    if (revision <= this.#revision && !isSame) return;
    if (held !== undefined && revisionOf(held) <= revision) this.#drop(key);
    this.#removed.set(key, Math.max(revision, this.#removed.get(key) ?? 0));
  }

  #put(object: T): void {
    const key = keyOf(object);
    const revision = revisionOf(object);
    const before = this.#objects.get(key);
    if (before !== undefined && revisionOf(before) >= revision) return;
    if ((this.#removed.get(key) ?? -1) >= revision) return;
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (before !== undefined) leave(index, key, { object: before, for: object });
      enter(index, key, object);
    }
    this.#onChange(before === undefined ? { after: object } : { before, after: object });
  }

  #remove(object: T): void {
    const key = keyOf(object);
    const held = this.#objects.get(key);
    if (held !== undefined && revisionOf(held) <= revisionOf(object)) this.#drop(key);
  }

  #drop(key: string): void {
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) leave(index, key, { object: before, for: undefined });
    this.#onChange({ before });
  }
}

/** Revisions of one server are whole numbers that grow. */
export function revisionOf(object: ApiObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}

function namespaceOf(object: ApiObject): readonly string[] {
  return [object.metadata.namespace ?? ''];
}

function enter<T extends ApiObject>({ indexer, found }: Index<T>, key: string, object: T): void {
  for (const value of indexer(object)) {
    const under = found.get(value);
    if (under === undefined) found.set(value, new Map([[key, object]]));
    else under.set(key, object);
  }
}

type Replaced<T> = { readonly object: T; readonly for: T | undefined };

/** Where the replacement is found too, it takes the place of the object. */
function leave<T extends ApiObject>({ indexer, found }: Index<T>, key: string, replaced: Replaced<T>): void {
  const kept = replaced.for === undefined ? [] : indexer(replaced.for);
  for (const value of indexer(replaced.object)) {
    if (kept.includes(value)) continue;
    const under = found.get(value);
    under?.delete(key);
    if (under?.size === 0) found.delete(value);
  }
}
