/** What the API shows of one container: made from its runtime records, and from its last status where those are gone. */
import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  ResourceRequirements,
} from '#api/types/core-v1';
import type { ContainerFacts } from './container-facts.ts';
import { formatTime } from '#api/meta/time';
import type { ContainerView, Waiting } from './pod-state.ts';
import { present } from './present.ts';

export type ContainerStatusContext = {
  readonly old: ContainerStatus | undefined;
  /** Why it does not run although it should. */
  readonly waiting: Waiting | undefined;
  /** Its start is under way. */
  readonly starting: boolean;
  /** The pod has init containers. */
  readonly initializing: boolean;
  /** The pod has ended: what did not run never will. */
  readonly ended: boolean;
  readonly runtimeName: string;
  /** What it runs with. */
  readonly actual: ResourceRequirements;
};

type Shown = {
  readonly state: ContainerState;
  readonly lastState: ContainerState | undefined;
  readonly restartCount: number;
  /** Undefined: as the pod says. */
  readonly image: string | undefined;
  readonly imageID: string;
  readonly containerID: string | undefined;
};
type Growing<T> = { -readonly [K in keyof T]: T[K] };

// An exit code nobody saw: what a killed process has.
const UNKNOWN_EXIT_CODE = 137;
const LOST_MESSAGE = 'The container could not be located when the pod was terminated';
const LOST_RUNNING_MESSAGE =
  'The container could not be located when the pod was deleted.  The container used to be Running';

export function containerStatus(facts: ContainerFacts, context: ContainerStatusContext): ContainerStatus {
  const { spec, ready } = facts;
  const { state, lastState, restartCount, imageID, containerID, image = spec.image ?? '' } = shownState(facts, context);
  const status: Growing<ContainerStatus> = { name: spec.name, state, ready, restartCount, image, imageID };
  if (lastState !== undefined) status.lastState = lastState;
  if (containerID !== undefined) status.containerID = containerID;
  const mounts = mountsOf(spec, context.old);
  if (mounts !== undefined) status.volumeMounts = mounts;
  if (facts.role !== 'ephemeral') status.started = facts.started;
  if (facts.running && facts.role !== 'ephemeral') addResources(status, spec, context.actual);
  return status;
}

// Even if empty: this is how the API server knows that the node can change them.
function addResources(status: Growing<ContainerStatus>, { resources }: Container, actual: ResourceRequirements): void {
  status.resources = actual;
  if (resources?.requests !== undefined) status.allocatedResources = resources.requests;
}

function shownState(facts: ContainerFacts, context: ContainerStatusContext): Shown {
  const { latest } = facts;
  if (context.starting) return whileStarting(context);
  return latest === undefined ? withoutRecord(context) : fromRecord(facts, latest, context);
}

// The last word stays until the start has succeeded or failed, so that nobody sees a state that lasts milliseconds.
function whileStarting(context: ContainerStatusContext): Shown {
  return context.old === undefined ? unmade(creating(context), 0) : kept(context.old);
}

function withoutRecord(context: ContainerStatusContext): Shown {
  const { old, ended } = context;
  if (old === undefined) return unmade(waitingState(context), 0);
  const { state = {}, lastState } = old;
  if (state.terminated !== undefined) return kept(old);
  if (state.running !== undefined) return lost(old, context);
  if (ended && lastState?.terminated !== undefined) return { ...kept(old), state: lastState };
  return unmade(waitingState(context), old.restartCount, lastState);
}

/** Of a container of which there is no record. */
function unmade(state: ContainerState, restartCount: number, lastState?: ContainerState): Shown {
  return { state, lastState, restartCount, image: undefined, imageID: '', containerID: undefined };
}

function waitingState(context: ContainerStatusContext): ContainerState {
  return context.waiting === undefined ? creating(context) : { waiting: context.waiting };
}

function lost(old: ContainerStatus, context: ContainerStatusContext): Shown {
  const reason = 'ContainerStatusUnknown';
  if (context.ended) {
    return { ...kept(old), state: { terminated: { exitCode: UNKNOWN_EXIT_CODE, reason, message: LOST_MESSAGE } } };
  }
  const terminated = { exitCode: UNKNOWN_EXIT_CODE, reason, message: LOST_RUNNING_MESSAGE };
  return unmade(waitingState(context), old.restartCount + 1, { terminated });
}

function fromRecord(facts: ContainerFacts, latest: ContainerView, context: ContainerStatusContext): Shown {
  return {
    ...statesOf(facts, latest, context),
    restartCount: latest.restartCount,
    image: latest.image,
    imageID: latest.imageRef,
    containerID: containerIdOf(latest, context.runtimeName),
  };
}

function statesOf(
  facts: ContainerFacts,
  latest: ContainerView,
  context: ContainerStatusContext,
): Pick<Shown, 'state' | 'lastState'> {
  const { runtimeName, waiting } = context;
  if (latest.state !== 'Exited') return { state: beginning(latest, waiting), lastState: before(facts, context) };
  const terminated = terminatedState(latest, runtimeName);
  return waiting === undefined
    ? { state: { terminated }, lastState: before(facts, context) }
    : { state: { waiting }, lastState: { terminated } };
}

function beginning({ state, startedAtMs, createdAtMs }: ContainerView, waiting: Waiting | undefined): ContainerState {
  if (state === 'Running') return runningSince(formatTime(startedAtMs ?? createdAtMs));
  return waiting === undefined ? CREATING : { waiting };
}

// Many start in the same second: one state for all of them.
let latestStart: ContainerState = {};

function runningSince(startedAt: string): ContainerState {
  if (latestStart.running?.startedAt !== startedAt) latestStart = { running: { startedAt } };
  return latestStart;
}

function before(
  { latest, previous }: ContainerFacts,
  { runtimeName, old }: ContainerStatusContext,
): ContainerState | undefined {
  if (previous?.state === 'Exited') return { terminated: terminatedState(previous, runtimeName) };
  return (latest?.restartCount ?? 0) > 0 ? old?.lastState : undefined;
}

function terminatedState(view: ContainerView, runtimeName: string): ContainerStateTerminated {
  const exitCode = view.exitCode ?? 0;
  return {
    exitCode,
    reason: view.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    // One that never started has upstream's zero time.
    startedAt: formatTime(view.startedAtMs ?? 0),
    ...present({
      message: view.message === '' ? undefined : view.message,
      finishedAt: view.finishedAtMs === undefined ? undefined : formatTime(view.finishedAtMs),
    }),
    containerID: containerIdOf(view, runtimeName),
  };
}

function containerIdOf({ id }: { readonly id: string }, runtimeName: string): string {
  return `${runtimeName}://${id}`;
}

const CREATING: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const INITIALIZING: ContainerState = { waiting: { reason: 'PodInitializing' } };

function creating({ initializing }: ContainerStatusContext): ContainerState {
  return initializing ? INITIALIZING : CREATING;
}

function kept({ state = {}, lastState, restartCount, image, imageID, containerID }: ContainerStatus): Shown {
  return { state, lastState, restartCount, image, imageID, containerID };
}

/** They stay as they are while the container's name does. */
function mountsOf({ volumeMounts }: Container, old: ContainerStatus | undefined): ContainerStatus['volumeMounts'] {
  if (volumeMounts === undefined || volumeMounts.length === 0) return undefined;
  const told = old?.volumeMounts;
  return told?.length === volumeMounts.length ? told : shownMounts(volumeMounts);
}

type Mounts = NonNullable<Container['volumeMounts']>;

// Pods of one template have their containers in common.
const shown = new WeakMap<Mounts, ContainerStatus['volumeMounts']>();

function shownMounts(mounts: Mounts): ContainerStatus['volumeMounts'] {
  const known = shown.get(mounts);
  if (known !== undefined) return known;
  const made = mounts.map(({ name, mountPath, readOnly }) =>
    readOnly === true ? { name, mountPath, readOnly, recursiveReadOnly: 'Disabled' } : { name, mountPath },
  );
  shown.set(mounts, made);
  return made;
}
