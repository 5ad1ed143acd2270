/** Progress of long work: one line that changes on a terminal, plain lines elsewhere. */
import type { Writable } from 'node:stream';

export interface Progress extends Disposable {
  /** What is being done now; the step before is thereby done. */
  step(text: string): void;
  /** More about the current step, shown on a terminal only. */
  detail(text: string): void;
  /** The last step is done. */
  done(): void;
}

type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export function progressOn(output: Terminal): Progress {
  return output.isTTY === true ? new TerminalProgress(output) : new PlainProgress(output);
}

class PlainProgress implements Progress {
  readonly #output: Terminal;

  constructor(output: Terminal) {
    this.#output = output;
  }

  step(text: string): void {
    this.#output.write(`${text}\n`);
  }

  detail(): void {
    // A log is read afterwards: passing states would only fill it.
  }

  done(): void {
    // Every step already has its line.
  }

  [Symbol.dispose](): void {
    // Nothing is left to redraw.
  }
}

const ERASE_LINE = '\r\u001b[2K';

class TerminalProgress implements Progress {
  readonly #output: Terminal;
  #current: string | undefined;

  constructor(output: Terminal) {
    this.#output = output;
  }

  step(text: string): void {
    this.done();
    this.#current = text;
    this.#draw(text);
  }

  detail(text: string): void {
    if (this.#current !== undefined) this.#draw(`${this.#current}: ${text}`);
  }

  done(): void {
    if (this.#current !== undefined) this.#output.write(`${ERASE_LINE}\u001b[32m✓\u001b[0m ${this.#current}\n`);
    this.#current = undefined;
  }

  [Symbol.dispose](): void {
    if (this.#current !== undefined) this.#output.write(`${ERASE_LINE}\u001b[31m✗\u001b[0m ${this.#current}\n`);
    this.#current = undefined;
  }

  #draw(text: string): void {
    const width = (this.#output.columns ?? 80) - 3;
    this.#output.write(`${ERASE_LINE}… ${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
  }
}
