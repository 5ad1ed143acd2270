/** Gives each node name a small whole number, and reuses the numbers of names that are gone. */

export class Slots {
  readonly #slotOf = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #free: number[] = [];

  /** Above the highest slot in use. */
  get end(): number {
    return this.#names.length;
  }

  of(name: string): number | undefined {
    return this.#slotOf.get(name);
  }

  nameOf(slot: number): string {
    return this.#names[slot] ?? '';
  }

  take(name: string): number {
    const known = this.#slotOf.get(name);
    if (known !== undefined) return known;
    const slot = this.#free.pop() ?? this.#names.length;
    this.#names[slot] = name;
    this.#slotOf.set(name, slot);
    return slot;
  }

  give(slot: number): void {
    this.#slotOf.delete(this.nameOf(slot));
    this.#names[slot] = '';
    this.#free.push(slot);
  }
}
