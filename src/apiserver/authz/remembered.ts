/** Answers that were worked out once, as many as are worth their memory. */

// Whoever asks for more different things than this is no component of ours.
const MOST = 4096;
// Names are short; longer texts come from those who try what happens.
const LONGEST_KEY = 1024;

export class Remembered<V> {
  readonly #entries = new Map<string, V>();

  get(key: string, make: () => V): V {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (key.length > LONGEST_KEY) return made;
    if (this.#entries.size >= MOST) this.#entries.clear();
    this.#entries.set(key, made);
    return made;
  }

  get size(): number {
    return this.#entries.size;
  }
}
