/** The copy an informer keeps of one kind: indexed, and never behind the writes it was told about. */
import type { ApiObject, ObjectRef } from '#api/object';
import type { Change, Indexer } from './informer.ts';
import { keyOf } from './key.ts';

// Most of what is looked for by an owner is not there.
const NOTHING: readonly never[] = [];

/** A place for one object, whichever version of it: who finds it by an index finds the newest, and an update leaves most indexes alone. */
type Entry<T extends ApiObject> = { object: T };

type Index<T extends ApiObject> = {
  readonly indexer: Indexer<T>;
  readonly found: Map<string, Set<Entry<T>>>;
};

export type Relisting<T extends ApiObject> = {
  add(items: readonly T[]): void;
  /** All parts of the list as of `revision` were added: what is not among them is no longer there. */
  end(revision: number): void;
};

/**
 * Objects by namespace and name: no key is made of these for each of a million. Every change is judged by revision: what the server's stream delivers never brings back something older than
 * what a write of ours has already shown, and a write's result never brings back something the stream has already replaced.
 */
export class ObjectCache<T extends ApiObject> {
  readonly #namespaces = new Map<string, Map<string, Entry<T>>>();
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
    return this.#entry(ref)?.object;
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined) return objectsOf(this.#namespaces.get(namespace)?.values());
    return [...this.#namespaces.values()].flatMap((same) => objectsOf(same.values()));
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`Cannot read index "${name}": it was not added`);
    return objectsOf(index.found.get(value));
  }

  addIndex(name: string, indexer: Indexer<T>): void {
    const known = this.#indexes.get(name);
    if (known?.indexer === indexer) return;
    if (known !== undefined) throw new Error(`Cannot add index "${name}": it exists with another function`);
    const index: Index<T> = { indexer, found: new Map() };
    this.#indexes.set(name, index);
    for (const entry of this.#entries()) reindex(index, entry, { now: entry.object });
  }

  /** Takes a complete list, in as many parts as it comes in. */
  relist(): Relisting<T> {
    const listed = new Set<Entry<T>>();
    return {
      add: (items) => {
        for (const item of items) {
          this.#put(item);
          const entry = this.#entry(item.metadata);
          if (entry !== undefined) listed.add(entry);
        }
      },
      end: (revision) => {
        for (const entry of this.#entries()) {
          // What we wrote after the list was made cannot be in it.
          if (!listed.has(entry) && revisionOf(entry.object) <= revision) this.#drop(entry);
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
    if (this.#removed.size === 0) return; // nearly always
    for (const [key, removedAt] of this.#removed) if (removedAt <= this.#revision) this.#removed.delete(key);
  }

  /** Takes the result of a write of ours. */
  observe(object: T, how: 'written' | 'removed'): void {
    if (how === 'removed') this.#observeRemoval(object);
    // A stream that is at least as far knows better.
    else if (revisionOf(object) > this.#revision) this.#put(object);
  }

  #observeRemoval(object: T): void {
    const entry = this.#entry(object.metadata);
    const held = entry?.object;
    const isSame = held !== undefined && held.metadata.uid === object.metadata.uid;
    // Over HTTPS the server may say only that the object is gone: then it is the one that we hold.
    const revision = isSame ? revisionOf(object) || revisionOf(held) : revisionOf(object);
    // A stream that is at least as far knows better, unless it only knows the state before the removal.
    if (revision <= this.#revision && !isSame) return;
    if (entry !== undefined && revisionOf(entry.object) <= revision) this.#drop(entry);
    const key = keyOf(object);
    this.#removed.set(key, Math.max(revision, this.#removed.get(key) ?? 0));
  }

  #entry({ namespace = '', name }: ObjectRef): Entry<T> | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  *#entries(): Generator<Entry<T>> {
    for (const entries of this.#namespaces.values()) yield* entries.values();
  }

  #put(object: T): void {
    const revision = revisionOf(object);
    const entry = this.#entry(object.metadata);
    if (entry !== undefined && revisionOf(entry.object) >= revision) return;
    if (this.#removed.size > 0 && (this.#removed.get(keyOf(object)) ?? -1) >= revision) return;
    if (entry === undefined) this.#add(object);
    else this.#replace(entry, object);
  }

  #add(object: T): void {
    const { namespace = '', name } = object.metadata;
    const entry = { object };
    const same = this.#namespaces.get(namespace);
    if (same === undefined) this.#namespaces.set(namespace, new Map([[name, entry]]));
    else same.set(name, entry);
    for (const index of this.#indexes.values()) reindex(index, entry, { now: object });
    this.#onChange({ after: object });
  }

  #replace(entry: Entry<T>, object: T): void {
    const before = entry.object;
    entry.object = object;
    for (const index of this.#indexes.values()) reindex(index, entry, { was: before, now: object });
    this.#onChange({ before, after: object });
  }

  #remove(object: T): void {
    const entry = this.#entry(object.metadata);
    if (entry !== undefined && revisionOf(entry.object) <= revisionOf(object)) this.#drop(entry);
  }

  #drop(entry: Entry<T>): void {
    const before = entry.object;
    const { namespace = '', name } = before.metadata;
    const same = this.#namespaces.get(namespace);
    same?.delete(name);
    if (same?.size === 0) this.#namespaces.delete(namespace);
    for (const index of this.#indexes.values()) reindex(index, entry, { was: before });
    this.#onChange({ before });
  }
}

/** Revisions of one server are whole numbers that grow. */
export function revisionOf(object: ApiObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}

function objectsOf<T extends ApiObject>(entries: Iterable<Entry<T>> | undefined): readonly T[] {
  if (entries === undefined) return NOTHING;
  const objects: T[] = [];
  for (const { object } of entries) objects.push(object);
  return objects;
}

type Values = ReturnType<Indexer<ApiObject>>;

type Replacement<T> = { readonly was?: T; readonly now?: T };

/** What is found as before keeps its place. */
function reindex<T extends ApiObject>(index: Index<T>, entry: Entry<T>, { was, now }: Replacement<T>): void {
  const { indexer, found } = index;
  const before = was && indexer(was);
  const after = now && indexer(now);
  if (isSame(before, after)) return;
  const [left, right] = [valuesOf(before), valuesOf(after)];
  for (const value of left) if (!right.includes(value)) leave(found, value, entry);
  for (const value of right) if (!left.includes(value)) enter(found, value, entry);
}

/** As nearly always: an object changes, and what it is found by does not. */
function isSame(left: Values, right: Values): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  return left.length <= 1 && left.length === right.length && left[0] === right[0];
}

function valuesOf(values: Values): readonly string[] {
  return typeof values === 'string' ? [values] : (values ?? NOTHING);
}

function enter<T extends ApiObject>(found: Index<T>['found'], value: string, entry: Entry<T>): void {
  const under = found.get(value);
  if (under === undefined) found.set(value, new Set([entry]));
  else under.add(entry);
}

function leave<T extends ApiObject>(found: Index<T>['found'], value: string, entry: Entry<T>): void {
  const under = found.get(value);
  under?.delete(entry);
  if (under?.size === 0) found.delete(value);
}
