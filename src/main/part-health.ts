/** Knows whether a part of the control plane runs in this process. */

export class PartHealth {
  /** As upstream's component is called. */
  readonly name: string;
  #why: string | undefined = 'not started';

  constructor(name: string) {
    this.name = name;
  }

  /** Runs the part; it is well for as long as it has not ended. */
  async run(part: () => Promise<void>): Promise<void> {
    this.#why = undefined;
    try {
      await part();
      this.#why = 'ended';
    } catch (error) {
      this.#why = `failed: ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    }
  }

  readonly check = (): void => {
    if (this.#why !== undefined) throw new Error(this.#why);
  };
}
