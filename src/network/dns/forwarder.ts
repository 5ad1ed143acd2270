/** Asks the machine's own name servers what is not ours to answer, and remembers what they said. */
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import { AnswerCache, fitted } from './answer-cache.ts';
import type { Exchange, ServerAddress, Transport } from './exchange.ts';
import { messageLayout } from './plan/message-layout.ts';

export type ForwarderContext = {
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly exchange: Exchange;
  /** The servers to ask, in order; read for each question, so that a change of the machine's settings counts at once. */
  readonly servers: () => Promise<readonly ServerAddress[]>;
};

export type ForwardedQuestion = {
  readonly message: Buffer;
  /** Equal for questions that have the same answer. */
  readonly key: string;
  readonly transport: Transport;
};

// A client gives up after 5 s: there must be time to ask a second server.
const TIMEOUT_MS = 1_800;
const MOST_AT_ONCE = 1_000;
const SERVER_FAILURE = 2;

export class Forwarder {
  readonly #context: ForwarderContext;
  readonly #cache = new AnswerCache();
  readonly #asking = new Map<string, Promise<Buffer>>();

  constructor(context: ForwarderContext) {
    this.#context = context;
  }

  /** The answer, ready to send; rejects when no server gave one. */
  async ask({ message, key, transport }: ForwardedQuestion): Promise<Buffer> {
    const { clock } = this.#context.world;
    const kept = this.#cache.get(key, message, clock.now());
    if (kept !== undefined) return kept;
    const asked = `${transport} ${key}`;
    const asking = this.#asking.get(asked) ?? this.#start(asked, { message, key, transport });
    return fitted(await asking, message, 0);
  }

  #start(asked: string, question: ForwardedQuestion): Promise<Buffer> {
    if (this.#asking.size >= MOST_AT_ONCE) throw new Error('Cannot forward a question: too many wait for an answer');
    const asking = this.#askAll(question).finally(() => this.#asking.delete(asked));
    this.#asking.set(asked, asking);
    return asking;
  }

  async #askAll({ message, key, transport }: ForwardedQuestion): Promise<Buffer> {
    const { world, logger, signal, servers, exchange } = this.#context;
    const query = Buffer.from(message);
    query.writeUInt16BE(Math.floor(world.random() * 0x1_0000), 0); // an id that the client did not choose
    let failure: unknown = new Error('Cannot forward a question: the machine has no name server');
    for (const server of await servers()) {
      try {
        const answer = await exchange(
          query,
          { server, transport },
          { clock: world.clock, signal, timeoutMs: TIMEOUT_MS },
        );
        if (messageLayout(answer).responseCode === SERVER_FAILURE) {
          failure = new Error(`Cannot use the answer of ${server.address}: it failed`);
          continue;
        }
        this.#cache.put(key, answer, world.clock.now());
        return answer;
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
        logger.debug('a name server did not answer', { server: server.address, error: asError(error) });
      }
    }
    throw failure;
  }
}
