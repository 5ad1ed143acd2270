/** A pod as its node's planner sees it, with a runtime that does at once, or when told, what the plan says. */
import type { Pod, PodSpec, PodStatus } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { wantedAllocation } from '#node/pods/plan/allocation';
import { containerHash } from '#node/pods/plan/container-hash';
import { planPod } from '#node/pods/plan/plan-pod';
import {
  NO_MEMORY,
  operationKey,
  type ContainerView,
  type PodAction,
  type PodInput,
  type PodMemory,
  type PodPlan,
  type ResizePod,
  type SandboxView,
  type Verdicts,
} from '#node/pods/plan/pod-state';
import { aMeta } from './workloads.ts';

export const START_MS = Date.parse('2026-01-01T00:00:00Z');

type PodParts = { readonly spec?: Partial<PodSpec>; readonly meta?: Partial<ObjectMeta>; readonly status?: PodStatus };

/** One container `web`, unless the spec says otherwise. */
export function aBoundPod({ spec = {}, meta = {}, status }: PodParts = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: aMeta('web-1', meta),
    spec: { containers: [{ name: 'web', image: 'nginx:1' }], nodeName: 'node-1', ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

/** Applies a plan's actions to a runtime made of values. Time moves only by `advance`. */
export class PodOnNode {
  now = START_MS;
  pod: Pod;
  status: PodStatus;
  exists = true;
  memory: PodMemory = NO_MEMORY;
  sandboxes: readonly SandboxView[] = [];
  containers: readonly ContainerView[] = [];
  readonly probes = new Map<string, Verdicts>();
  /** Every action so far, in short: `StartContainer web`. */
  readonly trace: string[] = [];
  #ids = 0;

  constructor(pod: Pod = aBoundPod()) {
    this.pod = pod;
    this.status = pod.status ?? {};
  }

  input(): PodInput {
    return {
      pod: this.pod,
      status: this.status,
      exists: this.exists,
      runtime: { sandboxes: this.sandboxes, containers: this.containers },
      probes: this.probes,
      memory: this.memory,
      node: { hostIps: ['198.18.0.1'], runtimeName: 'containerd' },
      now: this.now,
    };
  }

  plan(): PodPlan {
    const plan = planPod(this.input());
    this.status = plan.status;
    return plan;
  }

  /** Plans and does what the plan says until there is nothing left to do. */
  settle(): PodPlan {
    for (let round = 0; round < 100; round++) {
      const plan = this.plan();
      if (plan.actions.length === 0) return plan;
      for (const action of plan.actions) this.apply(action);
    }
    throw new Error(`Cannot settle: still busy with ${this.trace.slice(-5).join(', ')}`);
  }

  advance(ms: number): PodPlan {
    this.now += ms;
    return this.settle();
  }

  /** Marks an action as under way; `apply` ends it. */
  begin(action: PodAction): void {
    const operation = {
      type: action.type,
      ...(action.type === 'StopContainer' ? { killAtMs: this.now + action.graceMs } : {}),
    };
    this.memory = { ...this.memory, operations: new Map(this.memory.operations).set(operationKey(action), operation) };
  }

  apply(action: PodAction): void {
    this.trace.push('container' in action ? `${action.type} ${action.container}` : action.type);
    const operations = new Map(this.memory.operations);
    operations.delete(operationKey(action));
    this.memory = { ...this.memory, operations };
    this.#effect(action);
  }

  exit(name: string, exitCode: number, changes: Partial<ContainerView> = {}): void {
    this.#change(
      (each) => each.name === name && each.state === 'Running',
      (each) => ({ ...each, state: 'Exited', exitCode, finishedAtMs: this.now, ...changes }),
    );
  }

  current(name = 'web'): ContainerView | undefined {
    return this.containers.find((each) => each.name === name);
  }

  judge(name: string, verdicts: Verdicts): void {
    const id = this.current(name)?.id ?? '';
    this.probes.set(id, { ...this.probes.get(id), ...verdicts });
  }

  killSandbox(): void {
    this.sandboxes = this.sandboxes.map((each, index) => (index === 0 ? { ...each, ready: false } : each));
  }

  delete(graceSeconds = 30): void {
    const deletionTimestamp = new Date(this.now + graceSeconds * 1000).toISOString();
    const metadata = { ...this.pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds };
    this.pod = { ...this.pod, metadata };
  }

  /** The agent starts anew: it knows what the runtime and the API say, and nothing else. */
  restartAgent(): void {
    this.memory = NO_MEMORY;
  }

  #effect(action: PodAction): void {
    switch (action.type) {
      case 'PrepareVolumes':
        this.memory = { ...this.memory, volumesReady: true };
        return;
      case 'EnsureImage':
        return this.remember(action.container, (memory) => ({
          ...memory,
          image: { state: 'Present', imageId: 'sha256:1' },
        }));
      case 'StartSandbox':
        this.sandboxes = [this.#sandbox(action.attempt), ...this.sandboxes];
        return;
      case 'StopSandbox':
        return this.#stopSandbox(action.id);
      case 'RemoveSandbox':
        this.sandboxes = this.sandboxes.filter(({ id }) => id !== action.id);
        this.containers = this.containers.filter(({ sandboxId }) => sandboxId !== action.id);
        return;
      case 'StartContainer':
        this.#start(action.container, action.sandboxId, action.restartCount);
        return this.remember(action.container, () => (action.crash === undefined ? {} : { crash: action.crash }));
      case 'StopContainer':
        return this.exit(action.container, 143);
      case 'RemoveContainer':
        this.containers = this.containers.filter(({ id }) => id !== action.id);
        return;
      case 'ResizePod':
        return this.#resize(action);
      case 'CleanUp':
        this.memory = { ...this.memory, cleanedUp: true };
        return;
      case 'DeletePod':
        this.exists = false;
        return;
    }
  }

  remember(name: string, change: (memory: NonNullable<ReturnType<PodMemory['containers']['get']>>) => object): void {
    const containers = new Map(this.memory.containers);
    containers.set(name, change(containers.get(name) ?? {}));
    this.memory = { ...this.memory, containers };
  }

  /** There is always room. */
  #resize(action: ResizePod): void {
    const { resizeProgress: progress, allocated, ...rest } = this.memory;
    const generation = this.pod.metadata.generation ?? 0;
    const given = { ...rest, ...(allocated === undefined ? {} : { allocated }) };
    switch (action.step) {
      case 'Allocate':
        this.memory = {
          ...rest,
          allocated: wantedAllocation(this.pod),
          resizeProgress: { generation, roomMade: false },
        };
        return;
      case 'MakeRoom':
        this.memory = { ...given, resizeProgress: { generation, roomMade: true } };
        return;
      case 'Apply': {
        const wanted = wantedAllocation(this.pod);
        const applied = action.containers.map(({ id, name }) => [id, wanted.get(name) ?? {}] as const);
        const changed = new Map([...this.memory.applied, ...applied]);
        this.memory = { ...given, applied: changed, ...(progress === undefined ? {} : { resizeProgress: progress }) };
        return;
      }
      case 'Complete':
        this.memory = { ...rest, applied: new Map() };
        return;
    }
  }

  #sandbox(attempt: number): SandboxView {
    const id = `sandbox-${++this.#ids}`;
    return { id, attempt, ready: true, createdAtMs: this.now, ips: ['198.18.1.5'] };
  }

  #stopSandbox(id: string): void {
    this.sandboxes = this.sandboxes.map((each) => (each.id === id ? { ...each, ready: false } : each));
    this.#change(
      (each) => each.sandboxId === id && each.state === 'Running',
      (each) => ({ ...each, state: 'Exited', exitCode: 137, finishedAtMs: this.now }),
    );
  }

  #start(name: string, sandboxId: string, restartCount: number): void {
    const { containers, initContainers = [], ephemeralContainers = [] } = this.pod.spec;
    const spec = [...containers, ...initContainers, ...ephemeralContainers].find((each) => each.name === name);
    const view: ContainerView = {
      id: `container-${++this.#ids}`,
      name,
      sandboxId,
      restartCount,
      hash: spec === undefined ? '' : containerHash(spec),
      state: 'Running',
      image: spec?.image ?? '',
      imageRef: 'sha256:1',
      createdAtMs: this.now,
      startedAtMs: this.now,
    };
    this.containers = [view, ...this.containers];
  }

  #change(which: (each: ContainerView) => boolean, change: (each: ContainerView) => ContainerView): void {
    this.containers = this.containers.map((each) => (which(each) ? change(each) : each));
  }
}
