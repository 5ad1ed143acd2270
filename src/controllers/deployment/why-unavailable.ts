/** Says in one line what keeps most pods of a replica set from being available. */
import { findCondition } from '#api/meta/conditions';
import { controllerOf } from '#api/meta/owner-reference';
import type { ReplicaSet } from '#api/types/apps-v1';
import type { ContainerStatus, Pod, PodStatus } from '#api/types/core-v1';

const MAX_LENGTH = 400;
// States that every pod passes through, and that explain nothing.
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

export function whyUnavailable(set: ReplicaSet, pods: readonly Pod[]): string | undefined {
  const own = pods.filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
  const counts = new Map<string, number>();
  for (const reason of own.map(reasonOf)) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const [commonest] = [...counts].toSorted((left, right) => right[1] - left[1]);
  if (commonest !== undefined) return shortened(`${commonest[1]} of ${own.length} pods: ${commonest[0]}`);
  const failure = findCondition(set.status?.conditions, 'ReplicaFailure');
  return failure?.message && shortened(failure.message);
}

function reasonOf({ status = {} }: Pod): string | undefined {
  const scheduled = findCondition(status.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') return joined(scheduled.reason, scheduled.message);
  if (findCondition(status.conditions, 'Ready')?.status === 'True') return undefined;
  return containerReason(status) ?? joined(status.reason, status.message) ?? `${status.phase} and not ready`;
}

function containerReason({ initContainerStatuses = [], containerStatuses = [] }: PodStatus): string | undefined {
  return [...initContainerStatuses, ...containerStatuses].map(stateOf).find((state) => state !== undefined);
}

function stateOf(status: ContainerStatus): string | undefined {
  const { name, state = {}, ready } = status;
  const { waiting, terminated, running } = state;
  const subject = `container ${JSON.stringify(name)}`;
  if (waiting?.reason !== undefined && !STARTING.has(waiting.reason)) return `${subject}: ${waitingFor(status)}`;
  if (terminated !== undefined && terminated.exitCode !== 0)
    return `${subject}: exited with code ${terminated.exitCode}`;
  return running !== undefined && !ready ? `${subject} runs and is not ready` : undefined;
}

/** How it ended the last time tells more than that it is waited for. */
function waitingFor({ state, lastState }: ContainerStatus): string | undefined {
  const last = lastState?.terminated;
  return joined(
    state?.waiting?.reason,
    last === undefined ? state?.waiting?.message : `exited with code ${last.exitCode}`,
  );
}

function joined(reason: string | undefined, message: string | undefined): string | undefined {
  if (!reason) return message || undefined;
  return message ? `${reason} (${message})` : reason;
}

function shortened(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1)}…`;
}
