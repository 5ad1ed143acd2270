/**
 * Exits that containerd's events have told and its CRI plug-in does not know yet (it lags by some 30 ms).
 * With it the port's answers never go back behind its events.
 */
export class ExitLedger {
  readonly #exited = new Set<string>();

  add(id: string): void {
    this.#exited.add(id);
  }

  has(id: string): boolean {
    return this.#exited.has(id);
  }

  /** Ids are never used again, so an entry is needed only while its container exists. */
  forget(id: string): void {
    this.#exited.delete(id);
  }
}
