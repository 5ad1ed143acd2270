/** Reads bodies: small ones at once, large ones in a thread of their own, so that nobody waits while megabytes are taken apart. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ApiError } from '#api/errors';
import { parseJsonExactly } from '#api/meta/exact-json';
import { onAbort } from '#base/abort';
import type { Clock, Timer } from '#base/world';
import type { BodyReply, BodyTask } from './body-thread.ts';
import { type Body, READINGS, type Readings } from './decode-body.ts';

export interface BodyReader {
  /** Throws `ApiError` for a body that cannot be read as that. */
  read<How extends keyof Readings>(how: How, body: Body, wanted: Wanted<How>): Promise<ReturnType<Readings[How]>>;
}

type Wanted<How extends keyof Readings> = Parameters<Readings[How]>[1];

// What is smaller is read within 25 ms, whatever it says.
const LARGE_BYTES = 64 * 1024;
// The most that three megabytes can become while they are read.
const MAX_HEAP_MB = 256;
// Large bodies come together, if at all: when a cluster is set up.
const IDLE_MS = 60_000;

/** Nothing goes on after `signal` has aborted. */
export function bodyReader(clock: Clock, signal: AbortSignal): BodyReader {
  const thread = new ReadingThread(clock, signal);
  return {
    async read(how, body, wanted) {
      if (body.bytes.length > LARGE_BYTES) return (await thread.read({ how, body, wanted })) as never;
      return (READINGS[how] as (body: Body, wanted: unknown) => never)(body, wanted);
    },
  };
}

/** Takes one body after the other, as they come. There is no thread before the first, nor long after the last. */
class ReadingThread {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    onAbort(signal, () => this.#end());
  }

  async read(task: BodyTask): Promise<unknown> {
    const reply = this.#last.then(() => this.#ask(task));
    this.#last = reply.catch(() => undefined);
    const { text, refusal } = await reply;
    if (refusal !== undefined) throw new ApiError(refusal.reason, refusal.message);
    // Each step that takes long has a turn of its own.
    await nextTurn();
    const value = parseJsonExactly(text);
    await nextTurn();
    return value;
  }

  async #ask(task: BodyTask): Promise<BodyReply> {
    this.#signal.throwIfAborted();
    this.#idle?.[Symbol.dispose]();
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    worker.postMessage(task);
    try {
      const [reply] = (await once(worker, 'message', { signal: this.#signal })) as [BodyReply];
      return reply;
    } finally {
      worker.unref();
      if (!this.#signal.aborted) this.#idle = this.#clock.setTimer(IDLE_MS, () => this.#end());
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./body-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    // Whoever waits for an answer hears of it; the next body gets a new thread.
    worker.on('error', () => this.#end());
    return worker;
  }

  #end(): void {
    this.#idle?.[Symbol.dispose]();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
