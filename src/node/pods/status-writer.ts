/** Brings a pod's status to the API: only when it differs, one write at a time, again when somebody else wrote over it. */
import { isDeepStrictEqual } from 'node:util';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import type { PodStatus } from '#api/types/core-v1';
import { backoffMs } from '#base/backoff';
import { asError } from '#base/errors';
import type { Timer } from '#base/world';
import type { AgentContext } from './agent-context.ts';

export type StatusWriterOptions = {
  readonly agent: Pick<AgentContext, 'client' | 'world' | 'logger'>;
  readonly signal: AbortSignal;
  /** The API took a status: the object as it is now. */
  readonly onWritten: (pod: Pod) => void;
  /** The object is gone, or another pod has its name. */
  readonly onGone: () => void;
};

const RETRY = { baseMs: 200, capMs: 10_000, jitter: 0.3 };

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #pod: Pod;
  #wanted: PodStatus | undefined;
  /** The status of the object as the API gave it back to us last. */
  #acknowledged: PodStatus | undefined;
  #written: PodStatus | undefined;
  #writing = false;
  #failures = 0;
  #retry: Timer | undefined;

  constructor(pod: Pod, options: StatusWriterOptions) {
    this.#pod = pod;
    this.#acknowledged = pod.status;
    this.#options = options;
  }

  /** True while the API shows what was wanted last. */
  get settled(): boolean {
    return !this.#writing && !this.#isDue();
  }

  /** The object as it came from the API, newer than what was known. */
  observe(pod: Pod): void {
    this.#pod = pod;
    if (isDeepStrictEqual(pod.status, this.#acknowledged)) return;
    // Somebody else changed it: what is wanted has to be compared with that.
    this.#acknowledged = pod.status;
    this.#written = undefined;
  }

  want(status: PodStatus): void {
    this.#wanted = status;
    void this.#write();
  }

  stop(): void {
    this.#retry?.[Symbol.dispose]();
  }

  #isDue(): boolean {
    if (this.#wanted === undefined || isDeepStrictEqual(this.#wanted, this.#written)) return false;
    return !isDeepStrictEqual(this.#wanted, this.#acknowledged);
  }

  async #write(): Promise<void> {
    const { agent, signal } = this.#options;
    if (this.#writing || this.#retry !== undefined || signal.aborted || !this.#isDue()) return;
    this.#writing = true;
    const status = this.#wanted as PodStatus;
    try {
      const pod = await agent.client.update(Pod, { ...this.#pod, status }, { subresource: 'status', signal });
      this.#pod = pod;
      this.#acknowledged = pod.status;
      this.#written = status;
      this.#failures = 0;
      this.#writing = false;
      this.#options.onWritten(pod);
    } catch (error) {
      this.#writing = false;
      if (!signal.aborted) await this.#recover(error);
    }
    void this.#write();
  }

  async #recover(error: unknown): Promise<void> {
    const { agent, signal } = this.#options;
    const { namespace, name, uid } = this.#pod.metadata;
    try {
      if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
      const pod = await agent.client.get(Pod, { namespace, name }, { signal });
      if (pod.metadata.uid === uid) this.observe(pod);
      else this.#forget();
    } catch (failure) {
      if (signal.aborted) return;
      if (isApiError(failure, 'NotFound')) this.#forget();
      else this.#retryLater(failure);
    }
  }

  // Nobody is left to be told.
  #forget(): void {
    this.#wanted = undefined;
    this.#options.onGone();
  }

  #retryLater(error: unknown): void {
    const { agent } = this.#options;
    agent.logger.warn('cannot write the status of a pod', { pod: this.#pod.metadata.name, error: asError(error) });
    const delayMs = backoffMs(++this.#failures, RETRY, agent.world.random);
    this.#retry = agent.world.clock.setTimer(delayMs, () => {
      this.#retry = undefined;
      void this.#write();
    });
  }
}
