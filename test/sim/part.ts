/** A program of the cluster with its lives: it crashes, comes back with nothing in memory, loses the line, and has a clock of its own. */
import { silentLogger } from '#base/log';
import type { RequestHandler } from '#api/request';
import type { VirtualWorld } from '#base/virtual-world';
import type { World } from '#base/world';
import type { Logger } from '#base/log';
import type { Chaos } from './chaos.ts';
import { faultyLine } from './faulty-line.ts';
import { type Process, startProcess } from './process.ts';

export type Life = {
  readonly handle: RequestHandler;
  readonly world: World;
  readonly signal: AbortSignal;
  readonly logger: Logger;
};

export type PartOptions = {
  readonly name: string;
  readonly seed: number;
  readonly world: VirtualWorld;
  readonly handle: RequestHandler;
  readonly chaos: Chaos;
  /** Begins a life; what it rejects with once the life has ended is of no interest. */
  readonly live: (life: Life) => Promise<unknown>;
  readonly onFailure: (part: string, error: unknown) => void;
};

const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 15_000;

export class Part {
  readonly #options: PartOptions;
  #process: Process | undefined;
  #lives = 0;
  #skewMs = 0;
  #cut = false;
  #writes = 0;

  constructor(options: PartOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get alive(): boolean {
    return this.#process !== undefined;
  }

  /** Whether it has ever tried to change anything: what breaks a program that has nothing to do breaks nothing. */
  get isBusy(): boolean {
    return this.#writes > 0;
  }

  start(): void {
    if (this.#process !== undefined) return;
    const { world, seed, live, name, chaos, onFailure } = this.#options;
    const process = startProcess(world, seed ^ Math.imul(++this.#lives, 0x9e3779b1), () => this.#skewMs);
    this.#process = process;
    const handle = faultyLine(this.#options.handle, {
      part: name,
      chaos,
      world,
      isDead: process.isDead,
      isCut: () => this.#cut,
      crash: () => {
        if (!process.isDead()) this.crash(chaos.between(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS));
      },
      onWrite: () => void this.#writes++,
    });
    const life = { handle, world: process.world, signal: process.signal, logger: silentLogger() };
    live(life).catch((error: unknown) => {
      if (!process.isDead()) onFailure(name, error);
    });
  }

  /** Comes back after `pauseMs`, or only when it is started. */
  crash(pauseMs?: number): void {
    this.#process?.kill();
    this.#process = undefined;
    if (pauseMs !== undefined) this.#options.world.clock.setTimer(pauseMs, () => this.start());
  }

  skew(ms: number): void {
    this.#skewMs = ms;
  }

  cut(isCut: boolean): void {
    this.#cut = isCut;
  }
}
