/** What the API shows of one container: made from its runtime records, and from its last status where those are gone. */
import type {
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

type Shown = Pick<ContainerStatus, 'state' | 'restartCount' | 'imageID'> &
  Partial<Pick<ContainerStatus, 'lastState' | 'containerID' | 'image'>>;

// An exit code nobody saw: what a killed process has.
const UNKNOWN_EXIT_CODE = 137;
const LOST_MESSAGE = 'The container could not be located when the pod was terminated';
const LOST_RUNNING_MESSAGE =
  'The container could not be located when the pod was deleted.  The container used to be Running';

export function containerStatus(facts: ContainerFacts, context: ContainerStatusContext): ContainerStatus {
  const { spec } = facts;
  const shown = shownState(facts, context);
  const { image: shownImage, ...rest } = shown;
  return {
    name: spec.name,
    ...rest,
    ready: facts.ready,
    ...(facts.role === 'ephemeral' ? {} : { started: facts.started }),
    image: shownImage ?? spec.image ?? '',
    ...mountsOf(facts),
    ...resourcesOf(facts, context.actual),
  };
}

function shownState(facts: ContainerFacts, context: ContainerStatusContext): Shown {
  const { latest } = facts;
  if (context.starting) return whileStarting(context);
  return latest === undefined ? withoutRecord(context) : fromRecord(facts, latest, context);
}

// The last word stays until the start has succeeded or failed, so that nobody sees a state that lasts milliseconds.
function whileStarting(context: ContainerStatusContext): Shown {
  return context.old === undefined ? { state: creating(context), restartCount: 0, imageID: '' } : kept(context.old);
}

function withoutRecord(context: ContainerStatusContext): Shown {
  const { old, ended } = context;
  if (old === undefined) return { state: waitingState(context), restartCount: 0, imageID: '' };
  const { state = {}, lastState } = old;
  if (state.terminated !== undefined) return kept(old);
  if (state.running !== undefined) return lost(old, context);
  if (ended && lastState?.terminated !== undefined) return { ...kept(old), state: lastState };
  return { state: waitingState(context), ...present({ lastState }), restartCount: old.restartCount, imageID: '' };
}

function waitingState(context: ContainerStatusContext): ContainerState {
  return context.waiting === undefined ? creating(context) : { waiting: context.waiting };
}

function lost(old: ContainerStatus, context: ContainerStatusContext): Shown {
  const reason = 'ContainerStatusUnknown';
  if (context.ended) {
    return { ...kept(old), state: { terminated: { exitCode: UNKNOWN_EXIT_CODE, reason, message: LOST_MESSAGE } } };
  }
  return {
    state: waitingState(context),
    lastState: { terminated: { exitCode: UNKNOWN_EXIT_CODE, reason, message: LOST_RUNNING_MESSAGE } },
    restartCount: old.restartCount + 1,
    imageID: '',
  };
}

function fromRecord(facts: ContainerFacts, latest: ContainerView, context: ContainerStatusContext): Shown {
  const { runtimeName, old, waiting } = context;
  const base = {
    restartCount: latest.restartCount,
    image: latest.image,
    imageID: latest.imageRef,
    containerID: containerIdOf(latest, runtimeName),
  };
  if (latest.state === 'Exited') {
    const terminated = terminatedState(latest, runtimeName);
    if (waiting !== undefined) return { ...base, state: { waiting }, lastState: { terminated } };
    return { ...base, state: { terminated }, ...before(facts, runtimeName, old) };
  }
  const state: ContainerState =
    latest.state === 'Running'
      ? { running: { startedAt: formatTime(latest.startedAtMs ?? latest.createdAtMs) } }
      : { waiting: waiting ?? { reason: 'ContainerCreating' } };
  return { ...base, state, ...before(facts, runtimeName, old) };
}

function before(
  { latest, previous }: ContainerFacts,
  runtimeName: string,
  old: ContainerStatus | undefined,
): Pick<Shown, 'lastState'> {
  if (previous?.state === 'Exited') return { lastState: { terminated: terminatedState(previous, runtimeName) } };
  return present({ lastState: (latest?.restartCount ?? 0) > 0 ? old?.lastState : undefined });
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

function creating({ initializing }: ContainerStatusContext): ContainerState {
  return { waiting: { reason: initializing ? 'PodInitializing' : 'ContainerCreating' } };
}

function kept({ state, lastState, restartCount, image, imageID, containerID }: ContainerStatus): Shown {
  return {
    state: state ?? {},
    ...present({ lastState, containerID }),
    restartCount,
    image,
    imageID,
  };
}

function mountsOf({ spec }: ContainerFacts): Pick<ContainerStatus, 'volumeMounts'> {
  if (spec.volumeMounts === undefined || spec.volumeMounts.length === 0) return {};
  return {
    volumeMounts: spec.volumeMounts.map(({ name, mountPath, readOnly }) =>
      readOnly === true ? { name, mountPath, readOnly, recursiveReadOnly: 'Disabled' } : { name, mountPath },
    ),
  };
}

function resourcesOf(
  { spec, running, role }: ContainerFacts,
  actual: ResourceRequirements,
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  if (!running || role === 'ephemeral') return {};
  // Even if empty: this is how the API server knows that the node can change them.
  return { resources: actual, ...present({ allocatedResources: spec.resources?.requests }) };
}
