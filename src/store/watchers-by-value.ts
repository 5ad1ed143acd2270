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
    const parts = new Map<string, StoreEvent[]>();
    for (const event of batch) {
      for (const value of valuesOf(event, this.#read)) {
        if (!this.#byValue.has(value)) continue;
        const part = parts.get(value);
        if (part === undefined) parts.set(value, [event]);
        else part.push(event);
      }
    }
    for (const [value, part] of parts) for (const watcher of this.#byValue.get(value) ?? []) watcher.offer(part);
  }
}

/** Whether the object has the value, or had it before. */
export function concerns({ read, value }: WatchedValue, event: StoreEvent): boolean {
  return valuesOf(event, read).includes(value);
}

function valuesOf({ object, previous }: StoreEvent, read: (object: Storable) => string): readonly string[] {
  const now = read(object);
  const before = previous === undefined ? now : read(previous);
  return before === now ? [now] : [before, now];
}
