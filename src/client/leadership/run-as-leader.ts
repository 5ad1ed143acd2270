/** Lets one of several candidates lead at a time, and makes it stop before another can begin. */
import { Lease } from '#api/coordination/lease';
import { isApiError } from '#api/errors';
import type { ObjectRef } from '#api/object';
import { abortScope, type AbortScope } from '#base/abort';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '../client.ts';
import { planLease, planRelease, RENEW_DEADLINE_MS, RETRY_MS, type Sighting } from './plan.ts';

export type CandidateOptions = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly lease: ObjectRef;
  /** Differs from every other candidate's. */
  readonly identity: string;
};

export type Leadership = {
  /** Aborts when leadership is lost. */
  readonly signal: AbortSignal;
  /** False from the moment the renewal deadline has passed, also before the signal could abort. */
  isHeld(): boolean;
};

/** Runs `lead` whenever this candidate leads, until the signal aborts. `lead` must end when its own signal aborts. */
export async function runAsLeader(
  options: CandidateOptions,
  lead: (leadership: Leadership) => Promise<void>,
): Promise<void> {
  const candidate = new Candidate(options);
  while (!options.signal.aborted) {
    if (!(await candidate.try())) {
      await candidate.pause();
      continue;
    }
    options.logger.info('leading', { identity: options.identity });
    using term = abortScope(options.signal);
    const renewing = candidate.renew(term);
    try {
      await lead({ signal: term.signal, isHeld: () => candidate.holds() && !term.signal.aborted });
    } finally {
      term.abort();
      await renewing;
      await candidate.release();
    }
    // A term that ends by itself as soon as it begins must not be followed by the next at once.
    await candidate.pause();
  }
}

class Candidate {
  readonly #options: CandidateOptions;
  #seen: Sighting | undefined;
  #lease: Lease | undefined;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(options: CandidateOptions) {
    this.#options = options;
  }

  holds(): boolean {
    return this.#options.world.clock.now() < this.#renewedMs + RENEW_DEADLINE_MS;
  }

  /** Whether the lease is ours now. */
  async try(): Promise<boolean> {
    // The lease runs from before the request: an answer may come late.
    const nowMs = this.#options.world.clock.now();
    try {
      if (!(await this.#acquire(nowMs))) return false;
      this.#renewedMs = nowMs;
      return true;
    } catch (error) {
      const { logger, signal } = this.#options;
      // Another candidate was faster.
      if (!signal.aborted && !isApiError(error, 'Conflict', 'AlreadyExists')) {
        logger.warn('cannot reach the lease', { error: asError(error) });
      }
      return false;
    }
  }

  async #acquire(nowMs: number): Promise<boolean> {
    const { client, identity, signal } = this.#options;
    const lease = await this.#read();
    const plan = planLease({ lease, seen: this.#seen, identity, nowMs });
    if (plan.act === 'wait') {
      this.#seen = plan.seen;
      return false;
    }
    const { namespace = 'kube-system', name } = this.#options.lease;
    this.#lease =
      plan.act === 'create'
        ? await client.create(Lease, { metadata: { namespace, name }, spec: plan.spec }, { signal })
        : await client.update(Lease, plan.lease, { signal });
    return true;
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#options.client.get(Lease, this.#options.lease, { signal: this.#options.signal });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Renews until the term ends; ends the term when the deadline passes without a renewal. */
  async renew(term: AbortScope): Promise<void> {
    const { clock } = this.#options.world;
    const endAtDeadline = (): Disposable =>
      clock.setTimer(this.#renewedMs + RENEW_DEADLINE_MS - clock.now(), () => {
        term.abort(new Error('Cannot go on leading: the lease was not renewed in time'));
      });
    let deadline = endAtDeadline();
    while (!term.signal.aborted) {
      await this.pause(term.signal);
      if (term.signal.aborted || !(await this.try())) continue;
      deadline[Symbol.dispose]();
      deadline = endAtDeadline();
    }
    deadline[Symbol.dispose]();
  }

  /** Gives the lease back if it is still ours. */
  async release(): Promise<void> {
    const { client, world, logger } = this.#options;
    if (this.#lease === undefined || !this.holds()) return;
    this.#renewedMs = Number.NEGATIVE_INFINITY;
    try {
      await client.update(Lease, planRelease(this.#lease, world.clock.now()));
    } catch (error) {
      // It runs out by itself.
      logger.debug('cannot give the lease back', { error: asError(error) });
    }
  }

  async pause(signal: AbortSignal = this.#options.signal): Promise<void> {
    const { clock, random } = this.#options.world;
    await clock.sleep(RETRY_MS * (1 + random() / 5), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
