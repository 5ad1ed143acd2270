/** Lives as long as a pod does on this node: plans whenever something happened, carries out the plan, writes the status. */
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { equalJson } from '#api/meta/json-value';
import type { PodSpec, PodStatus } from '#api/types/core-v1';
import { abortScope, type AbortScope } from '#base/abort';
import { backoffMs } from '#base/backoff';
import { asError } from '#base/errors';
import { Pace } from '#base/pace';
import type { Timer } from '#base/world';
import type { AgentContext } from './agent-context.ts';
import { atRest } from './memory-at-rest.ts';
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
  type PodPlan,
} from './plan/pod-state.ts';
import type { Room, Taken } from './plan/room.ts';
import type { PodProbes } from './pod-probes.ts';
import { StatusWriter } from './status-writer.ts';

/** What the workers of a node share. */
export type PodWorkerContext = {
  readonly agent: AgentContext;
  readonly probes: PodProbes;
  readonly signal: AbortSignal;
  /** What all pods take of the node. */
  readonly room: Room;
  /** Nothing is left of the pod, neither here nor in the API. */
  readonly onFinished: (podUid: string) => void;
};

type Running = Operation & { readonly action: PodAction; readonly signal: AbortSignal };

// An operation that failed in a way nobody planned for must not be repeated without a pause.
const UNPLANNED_RETRY = { baseMs: 1_000, capMs: 30_000, jitter: 0.2 };
// Nor may one that succeeds and changes nothing; no pod needs so many steps in a row. Most take no more than the first of them, and need
// no pace.
const FIRST_STEPS = 10;
const STEPS = { burst: 50, everyMs: 1_000 };
// Steps that need no time end a few turns of the promises after one another: one plan sees them all.
const TURNS = 4;
const TURN = Promise.resolve();
// What a pod that must end need not wait for.
const PREPARATION: ReadonlySet<PodAction['type']> = new Set(['EnsureImage', 'StartContainer', 'PrepareVolumes']);

export class PodWorker {
  readonly #context: PodWorkerContext;
  readonly #writer: StatusWriter;
  /** These are there when needed: most pods need none of them most of the time. */
  #running: Map<string, Running> | undefined;
  #preparation: AbortScope | undefined;
  #failures: Map<string, number> | undefined;
  #timers: Set<Timer> | undefined;
  #requeue: Timer | undefined;
  #steps = 0;
  #pace: Pace | undefined;
  #pod: Pod;
  #status: PodStatus;
  #memory: PodMemory;
  /** As which it is counted against what the node can offer. */
  #taking: PodSpec | undefined;
  #exists = true;
  #woken = false;
  #finished = false;

  constructor(pod: Pod, context: PodWorkerContext) {
    this.#context = context;
    this.#pod = pod;
    this.#status = pod.status ?? {};
    this.#memory = withAllocation(NO_MEMORY, reportedAllocation(pod));
    context.probes.adopt(pod);
    this.#writer = new StatusWriter(pod, context, this);
    this.#count();
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

  /** The object as the API shows it now. */
  update(pod: Pod): void {
    const before = this.#pod;
    if (pod === before) return; // what we have just written ourselves
    this.#writer.observe(pod);
    if (!showsTheSame(pod, before)) this.#memory = objectsChanged(this.#memory);
    // That our own status is shown now is nothing new.
    else if (asksForTheSame(pod, before) && equalJson(pod.status, this.#status)) return this.written(pod);
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
    this.#count();
    this.wake();
  }

  /** The node ends the pod: it does not fit here, or it is evicted. */
  end(why: { readonly reason: string; readonly message: string }): void {
    this.#memory = { ...this.#memory, ended: this.#memory.ended ?? why };
    this.#count();
    this.wake();
  }

  /** The runtime shows something new of what is known under an operation's key. */
  changed(key: string): void {
    const action = this.#running?.get(key)?.action;
    // What an operation of ours brings about is looked at when it has ended; a stop may take long.
    if (action === undefined || action.type === 'StopContainer') this.wake();
  }

  /** Something has happened: plan again, once however often this is called before. */
  wake(): void {
    if (this.#woken || this.#isOver()) return;
    this.#woken = true;
    void this.#planSoon();
  }

  async #planSoon(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await TURN;
    this.#woken = false;
    if (!this.#isOver()) this.#plan();
  }

  /** Lets go of everything; containers go on running. */
  stop(): void {
    this.#finished = true;
    this.#writer.stop();
    this.#requeue?.[Symbol.dispose]();
    if (this.#timers !== undefined) for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#preparation?.abort();
    this.#context.probes.stopPod(this.#pod.metadata.uid);
  }

  #isOver(): boolean {
    return this.#finished || this.#context.signal.aborted;
  }

  /** The API took a status. Only a pod that ends waits for its status to be shown. */
  written(pod: Pod): void {
    const isEnding = pod.metadata.deletionTimestamp !== undefined || isTerminal(pod) || !this.#exists;
    if (isEnding || pod.spec !== this.#pod.spec) this.#take(pod);
    else this.#show(pod);
  }

  #take(pod: Pod): void {
    if (pod.spec !== this.#pod.spec) this.#keepAllocation(pod);
    this.#show(pod);
    this.#count();
    this.wake();
  }

  #show(pod: Pod): void {
    this.#pod = pod;
    // The two need not both be kept.
    if (pod.status !== undefined && equalJson(pod.status, this.#status)) this.#status = pod.status;
  }

  /** It counts against what the node can offer until it has ended, with what it was given. */
  #count(): void {
    const { room } = this.#context;
    const counts = this.#exists && !isTerminal(this.#pod) && this.#memory.ended === undefined;
    const taking = counts ? this.allocatedPod.spec : undefined;
    if (taking === this.#taking) return;
    if (this.#taking !== undefined) room.leave({ spec: this.#taking });
    if (taking !== undefined) room.enter({ spec: taking });
    this.#taking = taking;
  }

  /** What the other pods of the node take. */
  #takenByOthers(): Taken {
    const { room } = this.#context;
    return this.#taking === undefined ? room : room.without({ spec: this.#taking });
  }

  /** A pod that asks for other resources keeps what it has until the node has said yes. */
  #keepAllocation(next: Pod): void {
    if (this.#memory.allocated !== undefined) return;
    const allocation = wantedAllocation(this.#pod);
    if (allocatedPod(next, allocation) !== next) this.#memory = withAllocation(this.#memory, allocation);
  }

  #plan(): void {
    const input = this.#input();
    const plan = planPod(input);
    if (plan.finished) {
      this.stop();
      this.#context.onFinished(this.#pod.metadata.uid);
      return;
    }
    this.#report(plan.status);
    if (this.#exists) this.#tell(plan);
    this.#context.probes.follow(this.#pod, () => containerFacts(input));
    if (plan.ending) this.#cancelPreparation();
    for (const action of plan.actions) this.#start(action);
    if (this.#running === undefined || this.#running.size === 0) this.#rest();
    this.#requeueAfter(plan.requeueAfterMs);
  }

  #report(after: PodStatus): void {
    const { agent } = this.#context;
    const before = this.#status;
    if (after === before) return;
    reportWaiting(agent, this.#pod, { before, after });
    reportDeadline(agent, this.#pod, { before, after });
    this.#status = after;
  }

  #input(): PodInput {
    const { agent, probes } = this.#context;
    return {
      pod: this.#pod,
      status: this.#status,
      exists: this.#exists,
      runtime: agent.watch.view(this.#pod.metadata.uid),
      probes: probes.verdicts,
      memory: this.#memory,
      node: agent.node,
      now: agent.world.clock.now(),
    };
  }

  /** Nothing is under way: whatever is begun next may have to be given up again. */
  #rest(): void {
    this.#preparation?.release();
    this.#preparation = undefined;
    if (this.#running === undefined) return;
    this.#running = undefined;
    this.#memory = atRest({ ...this.#memory, operations: NO_MEMORY.operations });
  }

  #cancelPreparation(): void {
    this.#preparation?.abort();
    this.#preparation = undefined;
  }

  #signalFor(action: PodAction): AbortSignal {
    const { signal } = this.#context;
    if (!PREPARATION.has(action.type)) return signal;
    this.#preparation ??= abortScope(signal);
    return this.#preparation.signal;
  }

  /** A deleted pod goes through several states in a moment: the last of them is told before the object goes. */
  #tell({ actions }: PodPlan): void {
    if (this.#pod.metadata.deletionTimestamp === undefined) this.#writer.want(this.#status);
    else this.#writer.want(this.#status, !actions.some(({ type }) => type === 'DeletePod'));
  }

  #start(action: PodAction): void {
    // The object goes last: its final status first.
    if (action.type === 'DeletePod' && !this.#writer.settled) return;
    const { agent } = this.#context;
    const key = operationKey(action);
    const signal = this.#signalFor(action);
    const running = runningOf(action, signal, agent.world.clock.now());
    this.#operations().set(key, running);
    const taken = (): Taken => this.#takenByOthers();
    void runAction(action, {
      pod: this.allocatedPod,
      wanted: this.#pod,
      taken,
      memory: this.#memory,
      agent,
      signal,
    }).then(
      (remember) => {
        this.#memory = remember(this.#memory);
        this.#count();
        this.#failures?.delete(key);
        const waitMs = this.#nextStepMs();
        if (waitMs === 0) this.#end(key, running);
        else this.#endAfter(waitMs, key, running);
      },
      (error: unknown) => this.#fail(key, running, error),
    );
  }

  /** What is under way is remembered as it stands: plans look at it at once, and keep nothing of it. */
  #operations(): Map<string, Running> {
    if (this.#running !== undefined) return this.#running;
    const operations = new Map<string, Running>();
    this.#running = operations;
    this.#memory = { ...this.#memory, operations };
    return operations;
  }

  #nextStepMs(): number {
    if (this.#steps++ < FIRST_STEPS) return 0;
    this.#pace ??= new Pace(this.#context.agent.world.clock, STEPS);
    return this.#pace.next();
  }

  #end(key: string, running: Running): void {
    // A stop may have been followed by a sooner one of the same container, which is still under way.
    if (this.#running?.get(key) !== running) return;
    this.#running.delete(key);
    this.wake();
  }

  #fail(key: string, running: Running, error: unknown): void {
    if (running.signal.aborted) {
      this.#end(key, running);
      return;
    }
    const { agent } = this.#context;
    const { name, namespace } = this.#pod.metadata;
    agent.logger.warn('an operation on a pod failed', { operation: key, namespace, pod: name, error: asError(error) });
    const failures = (this.#failures?.get(key) ?? 0) + 1;
    (this.#failures ??= new Map()).set(key, failures);
    this.#endAfter(backoffMs(failures, UNPLANNED_RETRY, agent.world.random), key, running);
  }

  #endAfter(delayMs: number, key: string, running: Running): void {
    const timer = this.#context.agent.world.clock.setTimer(delayMs, () => {
      this.#timers?.delete(timer);
      this.#end(key, running);
    });
    (this.#timers ??= new Set()).add(timer);
    this.wake(); // what has changed all the same can be told now
  }

  #requeueAfter(delayMs: number | undefined): void {
    this.#requeue?.[Symbol.dispose]();
    this.#requeue = undefined;
    if (delayMs === undefined) return;
    this.#requeue = this.#context.agent.world.clock.setTimer(delayMs, () => this.wake());
  }
}

function runningOf(action: PodAction, signal: AbortSignal, now: number): Running {
  const { type } = action;
  return type === 'StopContainer' ? { type, action, signal, killAtMs: now + action.graceMs } : { type, action, signal };
}

function withAllocation(memory: PodMemory, allocated: Allocation | undefined): PodMemory {
  return allocated === undefined ? memory : { ...memory, allocated };
}

/** Nothing about the pod has changed but what its node says of it. */
function asksForTheSame({ metadata: left, spec }: Pod, { metadata: right, spec: other }: Pod): boolean {
  if (left.generation !== right.generation || left.deletionTimestamp !== right.deletionTimestamp) return false;
  return equalJson(spec, other);
}

/** What volumes can show of their own pod. */
function showsTheSame({ metadata: left }: Pod, { metadata: right }: Pod): boolean {
  return equalJson(left.labels, right.labels) && equalJson(left.annotations, right.annotations);
}

function objectsChanged({ volumesFailure: _healed, ...memory }: PodMemory): PodMemory {
  const containers = [...memory.containers].map(([name, { failure, ...rest }]): [string, ContainerMemory] => [
    name,
    failure === undefined || failure.reason === 'CreateContainerConfigError' ? rest : { ...rest, failure },
  ]);
  const volumesVersion = memory.volumesVersion + 1;
  return { ...memory, volumesReady: false, volumesVersion, containers: new Map(containers) };
}
