/** Watchers of one field's values, found by the value: an event costs as many of them as it concerns. */
import type { Storable, StoreEvent, WatchedValue } from './store.ts';

export type Listener = { offer(batch: readonly StoreEvent[]): void };

/** Of all watchers of a prefix, those that look for one value of one field. */
export class WatchersByValue {
  readonly #read: (object: Storable) => string;
  readonly #byValue = new Map<string, Set<Listener>>();

  constructor(read: (object: Storable) => string) {
    this.#read = read;
  }

  get size(): number {
    return this.#byValue.size;
  }

  add(value: string, watcher: Listener): void {
    const same = this.#byValue.get(value);
    if (same === undefined) this.#byValue.set(value, new Set([watcher]));
    else same.add(watcher);
  }

  remove(value: string, watcher: Listener): void {
    const same = this.#byValue.get(value);
    if (same?.delete(watcher) === true && same.size === 0) this.#byValue.delete(value);
  }

  offer(batch: readonly StoreEvent[]): void {
    const parts = new Map<ReadonlySet<Listener>, StoreEvent[]>();
    for (const event of batch) {
      const now = this.#read(event.object);
      const before = event.previous === undefined ? now : this.#read(event.previous);
      this.#collect(parts, now, event);
      if (before !== now) this.#collect(parts, before, event);
    }
    for (const [watchers, part] of parts) for (const watcher of watchers) watcher.offer(part);
  }

  #collect(parts: Map<ReadonlySet<Listener>, StoreEvent[]>, value: string, event: StoreEvent): void {
    const watchers = this.#byValue.get(value);
    if (watchers === undefined) return;
    const part = parts.get(watchers);
    if (part === undefined) parts.set(watchers, [event]);
    else part.push(event);
  }
}

/** Whether the object has the value, or had it before. */
export function concerns({ read, value }: WatchedValue, { object, previous }: StoreEvent): boolean {
  return read(object) === value || (previous !== undefined && read(previous) === value);
}
