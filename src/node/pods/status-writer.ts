/** Brings a pod's status to the API: only when it differs, one write at a time, again when somebody else wrote over it. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { equalJson } from '#api/meta/json-value';
import type { ContainerStatus, PodStatus } from '#api/types/core-v1';
import { backoffMs } from '#base/backoff';
import { asError } from '#base/errors';
import { Pace } from '#base/pace';
import type { Timer } from '#base/world';
import type { AgentContext } from './agent-context.ts';

export type StatusWriterContext = {
  readonly agent: Pick<AgentContext, 'client' | 'world' | 'logger'>;
  readonly signal: AbortSignal;
};

/** Whose status it is. */
export type StatusOwner = {
  /** The API took a status: the object as it is now. */
  written(pod: Pod): void;
  /** The object is gone, or another pod has its name. */
  gone(): void;
};

const RETRY = { baseMs: 200, capMs: 10_000, jitter: 0.3 };
// Many changes of a pod's status follow one another at once, but not for ever: somebody may undo what is written here.
// Most pods take no more than the first of them in all their life, and need no pace.
const FIRST_WRITES = 5;
const WRITES = { burst: 15, everyMs: 200 };
// Another writer may be faster now and then; to lose every time means that something else is wrong.
const CONFLICTS_IN_A_ROW = 3;
// That a pod is being started is mostly followed at once by that it runs, and the steps of its end by one another: they are told in one
// write. Upstream looks no more often.
const PASSING_MS = 1_000;

export class StatusWriter {
  readonly #context: StatusWriterContext;
  readonly #owner: StatusOwner;
  #pod: Pod;
  #wanted: PodStatus | undefined;
  /** What was written last, unless somebody has changed it since: the API may show it in its own way. */
  #written: PodStatus | undefined;
  #writing = false;
  #writes = 0;
  #pace: Pace | undefined;
  #failures = 0;
  #conflicts = 0;
  #retry: Timer | undefined;
  #passing: Timer | undefined;

  constructor(pod: Pod, context: StatusWriterContext, owner: StatusOwner) {
    this.#pod = pod;
    this.#context = context;
    this.#owner = owner;
  }

  /** True while the API shows what was wanted last. */
  get settled(): boolean {
    return !this.#writing && !this.#isDue();
  }

  /** The object as it came from the API, newer than what was known. */
  observe(pod: Pod): void {
    // Somebody else changed it: what is wanted has to be compared with that.
    if (!equalJson(pod.status, this.#pod.status)) this.#written = undefined;
    this.#show(pod);
  }

  /** `passing`: it is soon followed by another. Absent: when it says no more than that the pod is on its way. */
  want(status: PodStatus, passing?: boolean): void {
    this.#wanted = status;
    if (!this.#isDue()) return this.#hurry();
    if (passing ?? (isBeginning(status) && isBeginning(this.#pod.status))) {
      this.#passing ??= this.#context.agent.world.clock.setTimer(PASSING_MS, () => {
        this.#hurry();
        this.#write();
      });
      return;
    }
    this.#hurry();
    this.#write();
  }

  stop(): void {
    this.#retry?.[Symbol.dispose]();
    this.#hurry();
  }

  /** What it waited for has come, or does not matter any more. */
  #hurry(): void {
    this.#passing?.[Symbol.dispose]();
    this.#passing = undefined;
  }

  #isDue(): boolean {
    const wanted = this.#wanted;
    const written = this.#written;
    if (wanted === undefined || wanted === written || wanted === this.#pod.status) return false;
    return !equalJson(wanted, written) && !equalJson(wanted, this.#pod.status);
  }

  /** Of two statuses that say the same only the API's is kept. */
  #show(pod: Pod): void {
    this.#pod = pod;
    if (this.#wanted === undefined || !equalJson(this.#wanted, pod.status)) return;
    this.#wanted = pod.status;
    this.#written = undefined;
  }

  #write(): void {
    const { signal } = this.#context;
    if (this.#writing || this.#retry !== undefined || signal.aborted || !this.#isDue()) return;
    const waitMs = this.#nextWriteMs();
    if (waitMs > 0) this.#writeAfter(waitMs);
    else void this.#writeNow();
  }

  #nextWriteMs(): number {
    if (this.#writes++ < FIRST_WRITES) return 0;
    this.#pace ??= new Pace(this.#context.agent.world.clock, WRITES);
    return this.#pace.next();
  }

  async #writeNow(): Promise<void> {
    const { agent, signal } = this.#context;
    this.#writing = true;
    const status = this.#wanted as PodStatus;
    try {
      const pod = await agent.client.update(Pod, { ...this.#pod, status }, { subresource: 'status', signal });
      this.#written = status;
      this.#show(pod);
      this.#failures = 0;
      this.#conflicts = 0;
      this.#writing = false;
      this.#owner.written(pod);
    } catch (error) {
      this.#writing = false;
      if (!signal.aborted) await this.#recover(error);
      // It was done all the same, and the watch was faster than the failure: whoever waits for that hears of it now.
      if (this.#wanted !== undefined && this.settled) this.#owner.written(this.#pod);
    }
    this.#write();
  }

  async #recover(error: unknown): Promise<void> {
    const { agent, signal } = this.#context;
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
    this.#owner.gone();
  }

  #retryLater(error: unknown): void {
    const { agent } = this.#context;
    agent.logger.warn('cannot write the status of a pod', { pod: this.#pod.metadata.name, error: asError(error) });
    this.#writeAfter(backoffMs(++this.#failures, RETRY, agent.world.random));
  }

  #writeAfter(delayMs: number): void {
    this.#retry = this.#context.agent.world.clock.setTimer(delayMs, () => {
      this.#retry = undefined;
      this.#write();
    });
  }
}

/** It says no more than that the pod is on its way. */
function isBeginning({ phase = 'Pending', reason, initContainerStatuses, containerStatuses }: PodStatus = {}): boolean {
  if (phase !== 'Pending' || reason !== undefined) return false;
  return areBeginning(initContainerStatuses) && areBeginning(containerStatuses);
}

const BEGINNINGS: readonly (string | undefined)[] = ['ContainerCreating', 'PodInitializing'];

function areBeginning(statuses: readonly ContainerStatus[] = []): boolean {
  return statuses.every(
    ({ state, lastState }) => lastState === undefined && BEGINNINGS.includes(state?.waiting?.reason),
  );
}
