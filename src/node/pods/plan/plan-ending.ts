/** Decides whether a pod must end, and takes it down: containers, sidecars in reverse, sandbox, volumes, object. */
import type { Pod } from '#api/core/pod';
import { parseTime } from '#api/meta/time';
import type { PodStatus } from '#api/types/core-v1';
import { restarts, type ContainerFacts } from './container-facts.ts';
import type { PodAction, PodInput, StopContainer, Waiting } from './pod-state.ts';
import { graceMsOf } from './termination-grace.ts';

/** `reason` is for the pod's status; a pod that was deleted or whose work is done has none. */
export type Ending = { readonly why: 'Deleted' | 'Done' | 'Stopped'; readonly reason?: Waiting };

export const DEADLINE: Required<Waiting> = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};
const LEAST_SIDECAR_GRACE_MS = 2_000;
// A second stop is sent only when it really kills sooner; plans a moment apart differ by a moment.
const SOONER_MS = 1_000;

export function planEnd(facts: readonly ContainerFacts[], input: PodInput): Ending | undefined {
  const { pod, status, memory } = input;
  if (!input.exists || pod.metadata.deletionTimestamp !== undefined) return { why: 'Deleted' };
  if (memory.ended !== undefined) return { why: 'Stopped', reason: memory.ended };
  if (isTerminal(status) || isTerminal(pod.status) || workIsDone(facts, pod.spec.restartPolicy)) return { why: 'Done' };
  return input.now >= (deadlineOf(pod, status) ?? Infinity) ? { why: 'Stopped', reason: DEADLINE } : undefined;
}

/** When `activeDeadlineSeconds` ends the pod. */
export function deadlineOf({ spec }: Pod, status: PodStatus): number | undefined {
  const seconds = spec.activeDeadlineSeconds;
  if (seconds === undefined || status.startTime === undefined) return undefined;
  return parseTime(status.startTime) + seconds * 1000;
}

export function planTakingDown(facts: readonly ContainerFacts[], input: PodInput): readonly PodAction[] {
  const stops = planStops(facts, input);
  if (stops.length > 0 || facts.some(isAlive)) return stops;
  if (input.memory.operations.size > 0) return [];
  return planLeftovers(input);
}

function isTerminal(status: PodStatus | undefined): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function workIsDone(facts: readonly ContainerFacts[], policy = 'Always'): boolean {
  let appsAreDone = true;
  for (const each of facts) {
    if (each.role === 'app') appsAreDone &&= isDone(each, policy);
    else if (each.role === 'init' && each.latest?.exitCode !== 0 && isDone(each, policy)) return true;
  }
  return appsAreDone;
}

function isDone(facts: ContainerFacts, policy: string): boolean {
  return facts.exited && !restarts(facts, facts.latest?.exitCode ?? 0, policy);
}

function isAlive({ latest }: ContainerFacts): boolean {
  return latest?.state === 'Running' || latest?.state === 'Unknown';
}

function planStops(facts: readonly ContainerFacts[], input: PodInput): readonly StopContainer[] {
  const alive = facts.filter(isAlive);
  const first = alive.filter(({ role }) => role !== 'sidecar');
  // Sidecars serve the others to their end, and those that started first end last.
  const due = first.length > 0 ? first : alive.slice(-1);
  return due.flatMap((each) => planStop(each, input));
}

function planStop({ spec, latest, role }: ContainerFacts, input: PodInput): readonly StopContainer[] {
  const graceMs = role === 'sidecar' ? sidecarGraceMs(input) : graceMsOf(input.pod);
  const under = input.memory.operations.get(`container/${spec.name}`);
  const again = under?.type === 'StopContainer';
  if (under !== undefined && !again) return [];
  if (again && (under.killAtMs ?? Infinity) <= input.now + graceMs + SOONER_MS) return [];
  return [
    {
      type: 'StopContainer',
      container: spec.name,
      id: latest?.id ?? '',
      graceMs,
      message: `Stopping container ${spec.name}`,
      runPreStop: !again,
    },
  ];
}

function sidecarGraceMs(input: PodInput): number {
  const { deletionTimestamp } = input.pod.metadata;
  if (deletionTimestamp === undefined) return graceMsOf(input.pod);
  return Math.max(LEAST_SIDECAR_GRACE_MS, parseTime(deletionTimestamp) - input.now);
}

function planLeftovers({ runtime, memory, exists, pod, now }: PodInput): readonly PodAction[] {
  const ready = runtime.sandboxes.find((sandbox) => sandbox.ready);
  if (ready !== undefined) return [{ type: 'StopSandbox', id: ready.id }];
  if (!memory.cleanedUp) return [{ type: 'CleanUp' }];
  if (exists) {
    const due = pod.metadata.deletionTimestamp !== undefined && now >= (memory.deleteAgainAtMs ?? 0);
    return due ? [{ type: 'DeletePod' }] : [];
  }
  const left = runtime.sandboxes[0];
  return left === undefined ? [] : [{ type: 'RemoveSandbox', id: left.id }];
}
