/** Remembers what was used of late; what falls out is let go. */
export class RecentMap<V> {
  /** The one that was used last comes last. */
  readonly #values = new Map<string, V>();
  readonly #onGone: (value: V) => void;
  #last: string | undefined;

  constructor(onGone: (value: V) => void) {
    this.#onGone = onGone;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined || key === this.#last) return value;
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#last = key;
    return value;
  }

  /** Makes room for it among so many. */
  set(key: string, value: V, room: number): void {
    this.#drop(key);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size < room) break;
      this.#drop(oldest);
    }
    this.#values.set(key, value);
    this.#last = key;
  }

  #drop(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#onGone(value);
  }
}
