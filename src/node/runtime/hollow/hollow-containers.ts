/** Simulated containers: they run until they are stopped, or for as long as their pod's annotations say. */
import type { ContainerStatus } from '../container.ts';
import type { ContainerRequest, Runtime } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import { pick } from './hollow-profile.ts';
import { KILLED, type HollowContainer, type HollowState } from './hollow-state.ts';

type ContainerCalls = Pick<
  Runtime,
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'containerStatus'
  | 'listContainers'
  | 'updateContainerResources'
  | 'reopenContainerLog'
>;

// What the runtime leaves of a container that it could not start.
const NOT_STARTED = 128;
const CRASHED = 1;
// Nothing says anything.
const NO_LOG = '/dev/null';

export function hollowContainers(state: HollowState): ContainerCalls {
  const { world, profile, containers } = state;
  return {
    async createContainer(request, signal) {
      await state.take(profile.createMs, signal);
      const container = made(state, request);
      containers.set(container.status.id, container);
      return container.status.id;
    },
    async startContainer(id, signal) {
      await state.take(profile.startMs, signal);
      const container = state.container(id);
      const atMs = world.clock.now();
      if (world.random() < profile.startFailures) {
        const message = 'failed to create containerd task: the simulated runtime refused';
        const failure = { startedAtMs: atMs, finishedAtMs: atMs, exitCode: NOT_STARTED, reason: 'StartError', message };
        container.status = { ...container.status, state: 'Exited', ...failure };
        throw new RuntimeError('Failed', message);
      }
      container.status = running(container.status, atMs);
      state.tell({ type: 'ContainerStarted', id, atMs });
      const { afterMs, exitCode } = endOf(state, container);
      if (afterMs === undefined) return;
      container.end = world.clock.setTimer(afterMs, () => state.exit(container, exitCode));
    },
    async stopContainer(id, graceMs, signal) {
      const container = containers.get(id);
      if (container?.status.state !== 'Running') return;
      await state.take(profile.stopMs, signal);
      state.exit(container, graceMs === 0 ? KILLED : 0);
    },
    async removeContainer(id) {
      const container = containers.get(id);
      if (container !== undefined) state.removeContainer(container);
    },
    containerStatus: async (id) => state.container(id).status,
    listContainers: async () => [...containers.values()].map(({ status }) => status),
    updateContainerResources: async () => undefined,
    reopenContainerLog: async () => undefined,
  };
}

type End = { readonly afterMs: number | undefined; readonly exitCode: number };

/** When it ends by itself: as its pod says, unless it fails before. */
function endOf({ world, profile }: HollowState, { behaviour }: HollowContainer): End {
  const { runsForMs, exitCode } = behaviour;
  if (profile.crashes === 0 || world.random() >= profile.crashes) return { afterMs: runsForMs, exitCode };
  const crashMs = pick(profile.crashMs, world);
  return crashMs < (runsForMs ?? Number.POSITIVE_INFINITY)
    ? { afterMs: crashMs, exitCode: CRASHED }
    : { afterMs: runsForMs, exitCode };
}

// In one piece, for it stays as long as the container runs.
function running(created: ContainerStatus, startedAtMs: number): ContainerStatus {
  const { id, sandboxId, metadata, createdAtMs, image, imageRef, labels, annotations, logPath } = created;
  const state = 'Running';
  return { id, sandboxId, metadata, state, createdAtMs, image, imageRef, labels, annotations, logPath, startedAtMs };
}

function made(state: HollowState, { sandboxId, container }: ContainerRequest): HollowContainer {
  const { behaviour, status, logDirectory } = state.sandbox(sandboxId);
  if (status.state !== 'Ready') throw new RuntimeError('Failed', `sandbox "${sandboxId}" is not running`);
  const image = container.userImage ?? container.image;
  return {
    behaviour,
    status: {
      id: state.world.newId(),
      sandboxId,
      metadata: container.metadata,
      state: 'Created',
      createdAtMs: state.world.clock.now(),
      image,
      imageRef: container.image,
      labels: container.labels,
      annotations: container.annotations,
      logPath: logDirectory === '' ? NO_LOG : `${logDirectory}/${container.logPath}`,
    },
  };
}
