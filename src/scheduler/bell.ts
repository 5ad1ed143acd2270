/** Wakes the one who waits for something to do. */

export class Bell {
  #ring: () => void = () => undefined;

  /** Rings are not kept: whoever waits has looked for work first, in the same turn. */
  rung(): Promise<void> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }

  ring(): void {
    this.#ring();
  }
}
