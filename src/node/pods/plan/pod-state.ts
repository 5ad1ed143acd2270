/** What planning a pod looks at: the object, what the runtime shows of it, what the probes say and what the agent remembers. */
import type { Pod } from '#api/core/pod';
import type { PodStatus, ResourceRequirements } from '#api/types/core-v1';
import type { ContainerState } from '../../runtime/container.ts';
import type { Allocation } from './allocation.ts';

export type ContainerView = {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** How often a container of this name was started before this one. */
  readonly restartCount: number;
  /** Of the definition it was made from; another one in the pod means that it must be made anew. */
  readonly hash: string;
  readonly state: ContainerState;
  readonly image: string;
  readonly imageRef: string;
  readonly createdAtMs: number;
  readonly startedAtMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  /** The termination message once it has exited. */
  readonly message?: string | undefined;
};

export type SandboxView = {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAtMs: number;
  readonly ips: readonly string[];
};

/** Both newest first. */
export type RuntimeView = {
  readonly sandboxes: readonly SandboxView[];
  readonly containers: readonly ContainerView[];
};

export const NOTHING_RUNS: RuntimeView = { sandboxes: [], containers: [] };

export type Verdict = 'Success' | 'Failure' | 'Unknown';

/** A member is absent while its probe has not said anything about this container. */
export type Verdicts = { readonly startup?: Verdict; readonly readiness?: Verdict; readonly liveness?: Verdict };

export type Waiting = { readonly reason: string; readonly message?: string };

/** A step that failed and when it is due again. */
export type Failure = Waiting & { readonly failures: number; readonly retryAtMs: number };

export type ImageMemory =
  | { readonly state: 'Present'; readonly imageId: string }
  | (Failure & { readonly state: 'Failed'; readonly failedAtMs: number; readonly pulled: boolean });

/** `sinceMs` is when the delay was last raised. */
export type CrashBackoff = { readonly delayMs: number; readonly sinceMs: number };

export type ContainerMemory = {
  readonly image?: ImageMemory;
  /** Why the last start did not get as far as a running container. */
  readonly failure?: Failure;
  readonly crash?: CrashBackoff;
};

/** Other resources than the pod has, for which the node has no room. */
export type ResizePending = {
  readonly reason: 'Infeasible' | 'Deferred';
  readonly message: string;
  /** Of the pod that asked for them. */
  readonly generation: number;
  /** Absent: it is not tried again. */
  readonly retryAtMs?: number;
};

/** Other resources than the containers have, which the node has set aside for them. */
export type ResizeProgress = {
  readonly generation: number;
  /** The pod as a whole may use what is to come. */
  readonly roomMade: boolean;
  /** Why it does not get on. */
  readonly error?: string;
  readonly retryAtMs?: number;
};

export type Operation = {
  readonly type: PodAction['type'];
  /** For a stop: when the container is killed. */
  readonly killAtMs?: number;
};

export type PodMemory = {
  readonly volumesReady: boolean;
  /** Counts the changes of what the volumes show: work that began before the last is not the last. */
  readonly volumesVersion: number;
  readonly volumesFailure?: Failure;
  readonly sandboxFailure?: Failure;
  /** The lowest attempt a new sandbox may use: others were tried and may still hold their name. */
  readonly nextSandboxAttempt: number;
  readonly containers: ReadonlyMap<string, ContainerMemory>;
  /** What is under way, by `operationKey`. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** Volumes and directories are gone: nothing may be started any more. */
  readonly cleanedUp: boolean;
  /** The object was asked to go; finalizers may keep it. */
  readonly deleteAgainAtMs?: number;
  /** Absent: all that the pod asks for. */
  readonly allocated?: Allocation;
  /** What running containers were changed to, by id. */
  readonly applied: Allocation;
  readonly resizePending?: ResizePending;
  readonly resizeProgress?: ResizeProgress;
  /** The pod must end although nobody deleted it: eviction, refusal by the node. */
  readonly ended?: Required<Waiting>;
};

export const NO_MEMORY: PodMemory = {
  volumesReady: false,
  volumesVersion: 0,
  nextSandboxAttempt: 0,
  containers: new Map(),
  operations: new Map(),
  applied: new Map(),
  cleanedUp: false,
};

export type NodeFacts = { readonly hostIps: readonly string[]; readonly runtimeName: string };

export type PodInput = {
  readonly pod: Pod;
  /** The last status written, which the object may not show yet; at first the object's own. */
  readonly status: PodStatus;
  /** False once the object is gone from the API: its containers must go, and nobody reads its status. */
  readonly exists: boolean;
  readonly runtime: RuntimeView;
  /** By container id. */
  readonly probes: Pick<ReadonlyMap<string, Verdicts>, 'get'>;
  readonly memory: PodMemory;
  readonly node: NodeFacts;
  readonly now: number;
};

export type PodAction =
  | { readonly type: 'PrepareVolumes' }
  | { readonly type: 'StartSandbox'; readonly attempt: number; readonly replaces: boolean }
  | { readonly type: 'StopSandbox'; readonly id: string }
  | { readonly type: 'RemoveSandbox'; readonly id: string }
  | { readonly type: 'EnsureImage'; readonly container: string }
  | StartContainer
  | StopContainer
  | { readonly type: 'RemoveContainer'; readonly container: string; readonly id: string }
  | ResizePod
  | { readonly type: 'CleanUp' }
  | { readonly type: 'DeletePod' };

export type StartContainer = {
  readonly type: 'StartContainer';
  readonly container: string;
  readonly sandboxId: string;
  readonly restartCount: number;
  readonly imageId: string;
  /** To be remembered: how long the next crash will have to wait. */
  readonly crash?: CrashBackoff;
};

export type StopContainer = {
  readonly type: 'StopContainer';
  readonly container: string;
  readonly id: string;
  readonly graceMs: number;
  /** For the `Killing` event. */
  readonly message: string;
  readonly runPreStop: boolean;
};

/** First the node decides, then the pod as a whole gets room, then its containers change, then the rest is given back. */
export type ResizePod =
  | { readonly type: 'ResizePod'; readonly step: 'Allocate' | 'MakeRoom' | 'Complete' }
  | { readonly type: 'ResizePod'; readonly step: 'Apply'; readonly containers: readonly ResizedContainer[] };

/** `from`: what the container runs with. */
export type ResizedContainer = { readonly name: string; readonly id: string; readonly from: ResourceRequirements };

export type PodPlan = {
  readonly actions: readonly PodAction[];
  readonly status: PodStatus;
  /** The pod must end: what only prepares its containers may be given up. */
  readonly ending: boolean;
  /** When to plan again although nothing happened. */
  readonly requeueAfterMs: number | undefined;
  /** The object is gone and nothing is left of the pod. */
  readonly finished: boolean;
};

/** What excludes one another: one operation a container, one of the pod as a whole, one look at an image, one step of a resize. */
export function operationKey(action: PodAction): string {
  if (action.type === 'ResizePod') return 'resize';
  if (!('container' in action)) return 'pod';
  return action.type === 'EnsureImage' ? `image/${action.container}` : `container/${action.container}`;
}
