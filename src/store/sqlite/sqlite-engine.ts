/** The default engine: Node's own SQLite in a worker thread, WAL, `synchronous=FULL`, one transaction a batch. */
import { Worker } from 'node:worker_threads';
import { parseJsonExactly } from '#api/meta/exact-json';
import { AsyncQueue } from '#base/async-queue';
import type { Engine, Loaded } from '../engine.ts';
import { type HistoryEntry, type Storable, StoreUnavailableError } from '../store.ts';
import { packBatch } from './batch.ts';
import type { LoadedChunk, Retention, WorkerOptions, WorkerReply, WorkerRequest } from './protocol.ts';

export type SqliteOptions = { readonly path: string; readonly retention?: Partial<Retention> };

const DEFAULT_RETENTION: Retention = { maxAgeMs: 24 * 3_600_000, maxRevisions: 500_000 };

/** What comes before the last reply to a question. */
type PartOfAnswer = Extract<WorkerReply, { readonly answer: 'opened' | 'chunk' }>;

type Ask = WorkerRequest extends infer Each ? (Each extends WorkerRequest ? Omit<Each, 'id'> : never) : never;

type Waiting = {
  readonly onPart: (part: PartOfAnswer) => void;
  readonly resolve: (reply: WorkerReply) => void;
  readonly reject: (error: Error) => void;
};

export function sqliteEngine({ path, retention = {} }: SqliteOptions): Engine {
  return new SqliteEngine({ path, retention: { ...DEFAULT_RETENTION, ...retention } });
}

class SqliteEngine implements Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #dead: Error | undefined;

  constructor(options: WorkerOptions) {
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: options });
    this.#worker.on('message', (reply: WorkerReply) => this.#onReply(reply));
    this.#worker.on('error', (error: Error) => this.#onEnd(error));
    this.#worker.on('exit', () => this.#onEnd(new Error('the database thread has ended')));
  }

  /** Resolves when the database is open; what is read arrives while the caller does other things. */
  load(): ReturnType<Engine['load']> {
    const chunks = new AsyncQueue<LoadedChunk>();
    const { promise, resolve, reject } = Promise.withResolvers<Loaded>();
    const onPart = (part: PartOfAnswer): void => {
      if (part.answer === 'chunk') chunks.push(part.chunk);
      else resolve({ revision: part.revision, entries: entriesOf(chunks) });
    };
    this.#ask({ ask: 'load' }, onPart).then(
      () => chunks.end(),
      (error: unknown) => {
        chunks.fail(error);
        reject(error);
      },
    );
    return promise;
  }

  async commit(rows: Parameters<Engine['commit']>[0]): Promise<void> {
    await this.#ask({ ask: 'commit', batch: packBatch(rows) });
  }

  async history(key: string): Promise<readonly HistoryEntry[]> {
    const found = await this.#ask({ ask: 'history', key });
    if (found.answer !== 'history') throw new TypeError(`Cannot read history: the thread answered ${found.answer}`);
    return found.revisions.map(({ value, ...rest }) => ({ ...rest, object: parseJsonExactly(value) as Storable }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#dead !== undefined) return;
    await this.#ask({ ask: 'close' });
    await this.#worker.terminate();
  }

  #ask(ask: Ask, onPart: Waiting['onPart'] = () => undefined): Promise<WorkerReply> {
    if (this.#dead !== undefined)
      return Promise.reject(new StoreUnavailableError(this.#dead.message, { cause: this.#dead }));
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<WorkerReply>();
    this.#waiting.set(id, { onPart, resolve, reject });
    this.#worker.postMessage({ id, ...ask }, ask.ask === 'commit' ? [ask.batch.values.buffer] : []);
    return promise;
  }

  #onReply(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.answer === 'opened' || reply.answer === 'chunk') return waiting.onPart(reply);
    this.#waiting.delete(reply.id);
    if (reply.answer === 'failed') waiting.reject(new Error(reply.message));
    else waiting.resolve(reply);
  }

  #onEnd(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

async function* entriesOf(
  chunks: AsyncIterable<LoadedChunk>,
): AsyncGenerator<readonly (readonly [string, Buffer])[], void> {
  for await (const { keys, ends, values } of chunks) {
    const all = Buffer.from(values.buffer);
    yield keys.map((key, index) => [key, all.subarray(ends[index - 1] ?? 0, ends[index])]);
  }
}
