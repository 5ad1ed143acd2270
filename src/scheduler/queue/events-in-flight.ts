/** Remembers what happens while pods are being tried, so that a pod refused on old knowledge does not miss what would have helped it. */

export class EventsInFlight<E> {
  #events: E[] = [];
  /** The number of the first event that is still remembered. */
  #first = 0;
  /** How many tries began at which event. */
  readonly #tries = new Map<number, number>();

  /** The number of the next event: to be given back when the try ends. */
  begin(): number {
    const next = this.#first + this.#events.length;
    this.#tries.set(next, (this.#tries.get(next) ?? 0) + 1);
    return next;
  }

  add(event: E): void {
    if (this.#tries.size > 0) this.#events.push(event);
  }

  /** What came since the try began; nothing the second time. */
  end(from: number): readonly E[] {
    const tries = this.#tries.get(from);
    if (tries === undefined) return [];
    const missed = this.#events.slice(from - this.#first);
    if (tries > 1) this.#tries.set(from, tries - 1);
    else this.#tries.delete(from);
    this.#forget();
    return missed;
  }

  /** The map is in the order of the numbers, so its first key is the oldest try. */
  #forget(): void {
    const oldest = this.#tries.keys().next().value;
    const next = this.#first + this.#events.length;
    const keepFrom = oldest ?? next;
    if (keepFrom === this.#first) return;
    this.#events = this.#events.slice(keepFrom - this.#first);
    this.#first = keepFrom;
  }
}
