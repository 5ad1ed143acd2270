/** Lives as long as a pod does on this node: plans whenever something happened, carries out the plan, writes the status. */
import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import type { PodStatus } from '#api/types/core-v1';
import { abortScope, type AbortScope } from '#base/abort';
import { backoffMs } from '#base/backoff';
import { asError } from '#base/errors';
import { Pace } from '#base/pace';
import type { Timer } from '#base/world';
import type { AgentContext } from './agent-context.ts';
import { reportDeadline } from './operations/report-deadline.ts';
import { reportWaiting } from './operations/report-waiting.ts';
import { runAction } from './operations/run-action.ts';
import { type Allocation, allocatedPod, reportedAllocation, wantedAllocation } from './plan/allocation.ts';
import { containerFacts } from './plan/container-facts.ts';
import { planPod } from './plan/plan-pod.ts';
import {
  NO_MEMORY,
  operationKey,
  type ContainerMemory,
  type Operation,
  type PodAction,
  type PodInput,
  type PodMemory,
} from './plan/pod-state.ts';
import type { PodProbes } from './pod-probes.ts';
import { StatusWriter } from './status-writer.ts';

export type PodWorkerOptions = {
  readonly agent: AgentContext;
  readonly probes: PodProbes;
  readonly signal: AbortSignal;
  /** What else the node has taken. */
  readonly others: () => readonly Pod[];
  /** Nothing is left of the pod, neither here nor in the API. */
  readonly onFinished: () => void;
};

type Running = { readonly action: PodAction; readonly scope: AbortScope };

// An operation that failed in a way nobody planned for must not be repeated without a pause.
const UNPLANNED_RETRY = { baseMs: 1_000, capMs: 30_000, jitter: 0.2 };
// Nor may one that succeeds and changes nothing; no pod needs so many steps in a row.
const STEPS = { burst: 60, everyMs: 1_000 };
// What a pod that must end need not wait for.
const PREPARATION: ReadonlySet<PodAction['type']> = new Set(['EnsureImage', 'StartContainer', 'PrepareVolumes']);

export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #writer: StatusWriter;
  readonly #running = new Map<string, Running>();
  /** Made when needed, as most pods on most days need none. */
  #failures: Map<string, number> | undefined;
  #timers: Set<Timer> | undefined;
  readonly #pace: Pace;
  #pod: Pod;
  #exists = true;
  #memory: PodMemory = NO_MEMORY;
  #status: PodStatus;
  #requeue: Timer | undefined;
  #woken = false;
  #finished = false;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.#options = options;
    this.#pod = pod;
    this.#pace = new Pace(options.agent.world.clock, STEPS);
    this.#status = pod.status ?? {};
    this.#memory = withAllocation(NO_MEMORY, reportedAllocation(pod));
    options.probes.adopt(pod);
    this.#writer = new StatusWriter(pod, {
      agent: options.agent,
      signal: options.signal,
      onWritten: (written) => this.#written(written),
      onGone: () => this.gone(),
    });
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** The object with the resources that it has, not those that it may be asking for. */
  get allocatedPod(): Pod {
    return allocatedPod(this.#pod, this.#memory.allocated);
  }

  /** The status as it stands, which the API may not show yet. */
  get status(): PodStatus {
    return this.#status;
  }

  /** It still counts against what the node can offer. */
  get takesRoom(): boolean {
    return this.#exists && !isTerminal(this.#pod) && this.#memory.ended === undefined;
  }

  /** The object as the API shows it now. */
  update(pod: Pod): void {
    if (pod === this.#pod) return; // what we have just written ourselves
    this.#writer.observe(pod);
    if (!showsTheSame(pod, this.#pod)) this.#memory = objectsChanged(this.#memory);
    this.#take(pod);
  }

  /** An object that the pod refers to has changed, or has come into being. */
  objectsChanged(): void {
    this.#memory = objectsChanged(this.#memory);
    this.wake();
  }

  /** The object is gone from the API. */
  gone(): void {
    this.#exists = false;
    this.wake();
  }

  /** The node ends the pod: it does not fit here, or it is evicted. */
  end(why: { readonly reason: string; readonly message: string }): void {
    this.#memory = { ...this.#memory, ended: this.#memory.ended ?? why };
    this.wake();
  }

  /** Something has happened: plan again, once however often this is called before. */
  wake(): void {
    if (this.#woken || this.#finished || this.#options.signal.aborted) return;
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      if (!this.#finished && !this.#options.signal.aborted) this.#plan();
    });
  }

  /** Lets go of everything; containers go on running. */
  stop(): void {
    this.#finished = true;
    this.#writer.stop();
    this.#requeue?.[Symbol.dispose]();
    for (const timer of this.#timers ?? []) timer[Symbol.dispose]();
    for (const { scope } of this.#running.values()) scope.abort();
    this.#options.probes.stopPod(this.#pod.metadata.uid);
  }

  /** Only a pod that ends waits for its status to be shown. */
  #written(pod: Pod): void {
    const isEnding = pod.metadata.deletionTimestamp !== undefined || isTerminal(pod) || !this.#exists;
    if (isEnding || pod.spec !== this.#pod.spec) this.#take(pod);
    else this.#pod = pod;
  }

  #take(pod: Pod): void {
    if (pod.spec !== this.#pod.spec) this.#keepAllocation(pod);
    this.#pod = pod;
    this.wake();
  }

  /** A pod that asks for other resources keeps what it has until the node has said yes. */
  #keepAllocation(next: Pod): void {
    if (this.#memory.allocated !== undefined) return;
    const allocation = wantedAllocation(this.#pod);
    if (allocatedPod(next, allocation) !== next) this.#memory = withAllocation(this.#memory, allocation);
  }

  #plan(): void {
    const { agent, probes } = this.#options;
    const input = this.#input();
    const plan = planPod(input);
    if (plan.finished) {
      this.stop();
      this.#options.onFinished();
      return;
    }
    const change = { before: this.#status, after: plan.status };
    reportWaiting(agent, this.#pod, change);
    reportDeadline(agent, this.#pod, change);
    if (!isDeepStrictEqual(this.#status, plan.status)) this.#status = plan.status;
    if (this.#exists) this.#writer.want(this.#status);
    probes.follow(this.#pod, containerFacts(input));
    if (plan.ending) this.#cancelPreparation();
    for (const action of plan.actions) this.#start(action);
    this.#requeueAfter(plan.requeueAfterMs);
  }

  #input(): PodInput {
    const { agent, probes } = this.#options;
    const { uid } = this.#pod.metadata;
    return {
      pod: this.#pod,
      status: this.#status,
      exists: this.#exists,
      runtime: agent.watch.view(uid),
      probes: probes.verdicts,
      memory: this.#memory,
      node: agent.node,
      now: agent.world.clock.now(),
    };
  }

  #cancelPreparation(): void {
    for (const { action, scope } of this.#running.values()) if (PREPARATION.has(action.type)) scope.abort();
  }

  #start(action: PodAction): void {
    // The object goes last: its final status first.
    if (action.type === 'DeletePod' && !this.#writer.settled) return;
    const { agent, signal, others } = this.#options;
    const key = operationKey(action);
    const running: Running = { action, scope: abortScope(signal) };
    this.#running.set(key, running);
    this.#remember(key, operationOf(action, agent.world.clock.now()));
    const input = { pod: this.allocatedPod, wanted: this.#pod, others, memory: this.#memory, agent };
    void runAction(action, { ...input, signal: running.scope.signal }).then(
      (remember) => {
        this.#memory = remember(this.#memory);
        this.#failures?.delete(key);
        const waitMs = this.#pace.next();
        if (waitMs === 0) this.#end(key, running);
        else this.#endAfter(waitMs, key, running);
      },
      (error: unknown) => this.#fail(key, running, error),
    );
  }

  #end(key: string, running: Running): void {
    running.scope[Symbol.dispose]();
    // A stop may have been followed by a sooner one of the same container, which is still under way.
    if (this.#running.get(key) !== running) return;
    this.#running.delete(key);
    this.#remember(key, undefined);
    this.wake();
  }

  #fail(key: string, running: Running, error: unknown): void {
    if (running.scope.signal.aborted) {
      this.#end(key, running);
      return;
    }
    const { agent } = this.#options;
    const { name, namespace } = this.#pod.metadata;
    agent.logger.warn('an operation on a pod failed', { operation: key, namespace, pod: name, error: asError(error) });
    const failures = (this.#failures?.get(key) ?? 0) + 1;
    (this.#failures ??= new Map()).set(key, failures);
    this.#endAfter(backoffMs(failures, UNPLANNED_RETRY, agent.world.random), key, running);
  }

  #endAfter(delayMs: number, key: string, running: Running): void {
    const timer = this.#options.agent.world.clock.setTimer(delayMs, () => {
      this.#timers?.delete(timer);
      this.#end(key, running);
    });
    (this.#timers ??= new Set()).add(timer);
  }

  #remember(key: string, operation: Operation | undefined): void {
    const operations = new Map(this.#memory.operations);
    if (operation === undefined) operations.delete(key);
    else operations.set(key, operation);
    this.#memory = { ...this.#memory, operations: operations.size === 0 ? NO_MEMORY.operations : operations };
  }

  #requeueAfter(delayMs: number | undefined): void {
    this.#requeue?.[Symbol.dispose]();
    this.#requeue = undefined;
    if (delayMs === undefined) return;
    this.#requeue = this.#options.agent.world.clock.setTimer(delayMs, () => this.wake());
  }
}

function operationOf(action: PodAction, now: number): Operation {
  return action.type === 'StopContainer'
    ? { type: action.type, killAtMs: now + action.graceMs }
    : { type: action.type };
}

function withAllocation(memory: PodMemory, allocated: Allocation | undefined): PodMemory {
  return allocated === undefined ? memory : { ...memory, allocated };
}

/** What volumes can show of their own pod. */
function showsTheSame({ metadata: left }: Pod, { metadata: right }: Pod): boolean {
  return isDeepStrictEqual([left.labels, left.annotations], [right.labels, right.annotations]);
}

function objectsChanged({ volumesFailure: _healed, ...memory }: PodMemory): PodMemory {
  const containers = [...memory.containers].map(([name, { failure, ...rest }]): [string, ContainerMemory] => [
    name,
    failure === undefined || failure.reason === 'CreateContainerConfigError' ? rest : { ...rest, failure },
  ]);
  const volumesVersion = memory.volumesVersion + 1;
  return { ...memory, volumesReady: false, volumesVersion, containers: new Map(containers) };
}
