/** Reads what a log tells of from now on. */
import type { ChangeLog } from '../snapshot/change-log.ts';

export class LogReader {
  readonly #log: ChangeLog;
  #version: number;

  constructor(log: ChangeLog) {
    this.#log = log;
    this.#version = log.version;
  }

  /** Whether everything since the last time is still known. */
  readonly reaches = (): boolean => this.#log.reaches(this.#version);

  read(each: (slot: number) => void): void {
    const { version } = this.#log;
    for (let next = this.#version; next < version; next++) each(this.#log.at(next));
    this.#version = version;
  }
}
