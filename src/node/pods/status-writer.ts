/** Brings a pod's status to the API: only when it differs, one write at a time, again when somebody else wrote over it. */
import { isDeepStrictEqual } from 'node:util';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import type { PodStatus } from '#api/types/core-v1';
import { backoffMs } from '#base/backoff';
import { asError } from '#base/errors';
import { Pace } from '#base/pace';
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
// Many changes of a pod's status follow one another at once, but not for ever: somebody may undo what is written here.
const WRITES = { burst: 20, everyMs: 200 };
// Another writer may be faster now and then; to lose every time means that something else is wrong.
const CONFLICTS_IN_A_ROW = 3;
// A sandbox that is up is soon followed by its first container: both are told in one write. Upstream looks no more often, either.
const SANDBOX_ALONE_MS = 1_000;

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #pod: Pod;
  #wanted: PodStatus | undefined;
  /** The status of the object as the API gave it back to us last. */
  #acknowledged: PodStatus | undefined;
  #written: PodStatus | undefined;
  /** What was compared last and found the same: plans ask far more often than something changes. */
  #shown: { readonly wanted: PodStatus; readonly acknowledged: PodStatus | undefined } | undefined;
  #writing = false;
  readonly #pace: Pace;
  #failures = 0;
  #conflicts = 0;
  #retry: Timer | undefined;
  #sandboxAlone: Timer | undefined;

  constructor(pod: Pod, options: StatusWriterOptions) {
    this.#pod = pod;
    this.#acknowledged = pod.status;
    this.#options = options;
    this.#pace = new Pace(options.agent.world.clock, WRITES);
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
    this.#shown = undefined;
  }

  want(status: PodStatus): void {
    const isNews = status !== this.#wanted;
    this.#wanted = status;
    if (!isNews && this.#sandboxAlone !== undefined) return;
    if (isNews && tellsOfTheSandboxOnly(this.#acknowledged, status)) {
      this.#sandboxAlone ??= this.#options.agent.world.clock.setTimer(SANDBOX_ALONE_MS, () => {
        this.#sandboxAlone = undefined;
        void this.#write();
      });
      return;
    }
    this.#sandboxAlone?.[Symbol.dispose]();
    this.#sandboxAlone = undefined;
    void this.#write();
  }

  stop(): void {
    this.#retry?.[Symbol.dispose]();
    this.#sandboxAlone?.[Symbol.dispose]();
  }

  #isDue(): boolean {
    const [wanted, acknowledged] = [this.#wanted, this.#acknowledged];
    if (wanted === undefined || wanted === this.#written) return false;
    if (wanted === this.#shown?.wanted && acknowledged === this.#shown.acknowledged) return false;
    if (!isDeepStrictEqual(wanted, this.#written) && !isDeepStrictEqual(wanted, acknowledged)) return true;
    this.#shown = { wanted, acknowledged };
    return false;
  }

  async #write(): Promise<void> {
    const { agent, signal } = this.#options;
    if (this.#writing || this.#retry !== undefined || signal.aborted || !this.#isDue()) return;
    const waitMs = this.#pace.next();
    if (waitMs > 0) return this.#writeAfter(waitMs);
    this.#writing = true;
    const status = this.#wanted as PodStatus;
    try {
      const pod = await agent.client.update(Pod, { ...this.#pod, status }, { subresource: 'status', signal });
      this.#pod = pod;
      this.#acknowledged = pod.status;
      this.#written = status;
      this.#failures = 0;
      this.#conflicts = 0;
      this.#writing = false;
      this.#options.onWritten(pod);
    } catch (error) {
      this.#writing = false;
      if (!signal.aborted) await this.#recover(error);
      // It was done all the same, and the watch was faster than the failure: whoever waits for that hears of it now.
      if (this.#wanted !== undefined && this.settled) this.#options.onWritten(this.#pod);
    }
    void this.#write();
  }

  async #recover(error: unknown): Promise<void> {
    const { agent, signal } = this.#options;
    const { namespace, name, uid } = this.#pod.metadata;
    try {
      if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
      const pod = await agent.client.get(Pod, { namespace, name }, { signal });
      if (pod.metadata.uid !== uid) return this.#forget();
      this.observe(pod);
      if (++this.#conflicts > CONFLICTS_IN_A_ROW) this.#retryLater(error);
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
    this.#writeAfter(backoffMs(++this.#failures, RETRY, agent.world.random));
  }

  #writeAfter(delayMs: number): void {
    this.#retry = this.#options.agent.world.clock.setTimer(delayMs, () => {
      this.#retry = undefined;
      void this.#write();
    });
  }
}

function tellsOfTheSandboxOnly(shown: PodStatus | undefined, wanted: PodStatus): boolean {
  if (shown?.startTime === undefined || (shown.podIP ?? '') !== '' || wanted.podIP === undefined) return false;
  return isDeepStrictEqual(withoutSandbox(shown), withoutSandbox(wanted));
}

function withoutSandbox({ podIP: _ip, podIPs: _ips, conditions = [], ...rest }: PodStatus): PodStatus {
  return { ...rest, conditions: conditions.filter(({ type }) => type !== 'PodReadyToStartContainers') };
}
