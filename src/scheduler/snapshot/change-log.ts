/** Which slots changed, in order: whoever keeps something per slot repairs just what changed since it last looked. */

export class ChangeLog {
  /** A power of two, so that a version finds its place by masking. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  #version = 0;

  constructor(size = 2 ** 16) {
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
  }

  /** Grows by one with each change. */
  get version(): number {
    return this.#version;
  }

  add(slot: number): void {
    this.#slots[this.#version & this.#mask] = slot;
    this.#version++;
  }

  /** Whether everything since `version` is still known. */
  reaches(version: number): boolean {
    return this.#version - version <= this.#slots.length;
  }

  /** The slot that the change after `version` concerned. */
  at(version: number): number {
    return this.#slots[version & this.#mask] ?? 0;
  }
}
