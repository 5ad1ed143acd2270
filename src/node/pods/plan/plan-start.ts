/** Decides whether a container that should run is started now, must be prepared first, or waits and why. */
import { statusOfContainer } from './allocation.ts';
import type { ContainerFacts } from './container-facts.ts';
import { duration, podLabel } from './format.ts';
import type { ContainerMemory, ImageMemory, PodAction, PodInput, SandboxView, Waiting } from './pod-state.ts';
import { present } from './present.ts';
import { heldBackUntil, nextCrashBackoff } from './restart-backoff.ts';

export type StartPlan = {
  readonly action?: PodAction;
  readonly waiting?: Waiting;
  readonly retryAtMs?: number;
};

// A failed pull is shown as such before it is shown as waiting for the next try.
const PULL_ERROR_SHOWN_MS = 2_000;

const NOTHING: StartPlan = {};
const NO_MEMORY: ContainerMemory = {};

export function planStart(facts: ContainerFacts, input: PodInput, sandbox: SandboxView | undefined): StartPlan {
  const { latest, spec } = facts;
  if (input.memory.operations.has(`container/${spec.name}`)) return NOTHING;
  const memory = input.memory.containers.get(spec.name) ?? NO_MEMORY;
  // It was made in an earlier life of the agent and never started; its volumes and environment may be out of date.
  if (latest?.state === 'Created') {
    return { action: { type: 'RemoveContainer', container: spec.name, id: latest.id } };
  }
  return (
    planCrashWait(facts, memory, input) ??
    planFailureWait(memory, input.now) ??
    planImage(facts, memory.image, input) ??
    planReadyStart(facts, input, sandbox)
  );
}

function planCrashWait(
  { latest, spec }: ContainerFacts,
  memory: ContainerMemory,
  input: PodInput,
): StartPlan | undefined {
  if (latest === undefined || memory.crash === undefined) return undefined;
  const retryAtMs = heldBackUntil(memory.crash, latest, input.now);
  if (retryAtMs === undefined) return undefined;
  const delay = duration(memory.crash.delayMs);
  const message = `back-off ${delay} restarting failed container=${spec.name} pod=${podLabel(input.pod)}`;
  return { waiting: { reason: 'CrashLoopBackOff', message }, retryAtMs };
}

function planFailureWait({ failure }: ContainerMemory, now: number): StartPlan | undefined {
  if (failure === undefined || now >= failure.retryAtMs) return undefined;
  return { waiting: shown(failure), retryAtMs: failure.retryAtMs };
}

function planImage({ spec }: ContainerFacts, image: ImageMemory | undefined, input: PodInput): StartPlan | undefined {
  if (image?.state === 'Present') return undefined;
  const looking = input.memory.operations.has(`image/${spec.name}`);
  const ensure: StartPlan = looking ? NOTHING : { action: { type: 'EnsureImage', container: spec.name } };
  if (image === undefined) return ensure;
  const { now } = input;
  const backOffAtMs = image.failedAtMs + PULL_ERROR_SHOWN_MS;
  if (!image.pulled) {
    return now < image.retryAtMs
      ? { waiting: shown(image), retryAtMs: image.retryAtMs }
      : { ...ensure, waiting: shown(image) };
  }
  if (now < backOffAtMs) return { waiting: shown(image), retryAtMs: backOffAtMs };
  const message = `Back-off pulling image ${JSON.stringify(spec.image)}: ${image.reason}: ${image.message ?? ''}`;
  const waiting = { reason: 'ImagePullBackOff', message };
  return now < image.retryAtMs ? { waiting, retryAtMs: image.retryAtMs } : { ...ensure, waiting };
}

function planReadyStart(facts: ContainerFacts, input: PodInput, sandbox: SandboxView | undefined): StartPlan {
  const { spec, latest } = facts;
  const memory = input.memory.containers.get(spec.name);
  if (sandbox === undefined || !input.memory.volumesReady || memory?.image?.state !== 'Present') return NOTHING;
  const start = {
    type: 'StartContainer',
    container: spec.name,
    sandboxId: sandbox.id,
    restartCount: nextRestartCount(facts, input),
    imageId: memory.image.imageId,
  } as const;
  if (latest === undefined) return { action: start };
  return { action: { ...start, crash: nextCrashBackoff(memory.crash, latest, input.now) } };
}

function nextRestartCount({ latest, spec }: ContainerFacts, { status }: PodInput): number {
  if (latest !== undefined) return latest.restartCount + 1;
  const old = statusOfContainer(status, spec.name);
  if (old === undefined) return 0;
  const ran = old.state?.running !== undefined || old.state?.terminated !== undefined;
  return ran ? old.restartCount + 1 : old.restartCount;
}

function shown({ reason, message }: Waiting): Waiting {
  return present({ reason, message });
}
