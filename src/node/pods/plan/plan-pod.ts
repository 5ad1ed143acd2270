/** Decides what an agent does next for one pod and what the API shows of it. Pure: the same input, the same plan. */
import { allocatedPod } from './allocation.ts';
import { containerFacts, usableSandbox, type ContainerFacts } from './container-facts.ts';
import { NOTHING_WAITS, planContainers, wanted } from './plan-containers.ts';
import { deadlineOf, planEnd, planTakingDown, type Ending } from './plan-ending.ts';
import { planResize } from './plan-resize.ts';
import { planStatus } from './plan-status.ts';
import { operationKey, type PodAction, type PodInput, type PodPlan } from './pod-state.ts';
import type { Pod } from '#api/core/pod';

const NO_ACTIONS: readonly PodAction[] = [];

export function planPod(asked: PodInput): PodPlan {
  // Containers are made and judged by what they were given, which is not always what the pod asks for.
  const pod = allocatedPod(asked.pod, asked.memory.allocated);
  const input = pod === asked.pod ? asked : { ...asked, pod };
  const facts = containerFacts(input);
  const ending = planEnd(facts, input);
  return ending === undefined ? planLife(facts, input, asked.pod) : planDeath(facts, input, ending);
}

function planLife(facts: readonly ContainerFacts[], input: PodInput, wanted: Pod): PodPlan {
  const containers = planContainers(facts, input);
  const resize = planResize(facts, input, wanted);
  const base = planBase(facts, input);
  const pruning = planPruning(input);
  const status = planStatus(input, { facts, waiting: containers.waiting, ending: undefined, ended: false });
  const deadlineMs = deadlineOf(input.pod, status);
  return {
    actions: unopposed([base.actions, containers.actions, resize.actions, pruning], input),
    status,
    ending: false,
    requeueAfterMs: requeue([containers.retryAtMs, base.retryAtMs, resize.retryAtMs, deadlineMs], input.now),
    finished: false,
  };
}

function planDeath(facts: readonly ContainerFacts[], input: PodInput, ending: Ending): PodPlan {
  const { runtime, memory } = input;
  const ended =
    !facts.some(({ latest }) => latest?.state === 'Running' || latest?.state === 'Unknown') &&
    ![...memory.operations.keys()].some((key) => key.startsWith('container/'));
  const actions = planTakingDown(facts, input);
  return {
    actions,
    status: planStatus(input, { facts, waiting: NOTHING_WAITS, ending, ended }),
    ending: true,
    requeueAfterMs: requeue([memory.deleteAgainAtMs], input.now),
    finished: !input.exists && memory.cleanedUp && runtime.sandboxes.length === 0 && memory.operations.size === 0,
  };
}

type BasePlan = { readonly actions: readonly PodAction[]; readonly retryAtMs?: number };

/** The pod's volumes and its sandbox. */
function planBase(facts: readonly ContainerFacts[], input: PodInput): BasePlan {
  const { memory, now } = input;
  if (!memory.volumesReady) return due(memory.volumesFailure?.retryAtMs, now, { type: 'PrepareVolumes' });
  if (usableSandbox(input) !== undefined) return { actions: NO_ACTIONS };
  const { sandboxes, containers } = input.runtime;
  const old = sandboxes.find((sandbox) => {
    const alive = containers.some(({ sandboxId, state }) => sandboxId === sandbox.id && state === 'Running');
    return sandbox.ready || alive;
  });
  if (old !== undefined) return { actions: [{ type: 'StopSandbox', id: old.id }] };
  if (wanted(facts, input).length === 0) return { actions: [] };
  const attempt = Math.max(memory.nextSandboxAttempt, (sandboxes[0]?.attempt ?? -1) + 1);
  const start: PodAction = { type: 'StartSandbox', attempt, replaces: sandboxes.length > 0 };
  return due(memory.sandboxFailure?.retryAtMs, now, start);
}

function due(retryAtMs: number | undefined, now: number, action: PodAction): BasePlan {
  return retryAtMs === undefined || now >= retryAtMs ? { actions: [action] } : { actions: [], retryAtMs };
}

/** Of each container the newest record and the one before it are kept, for its last state and its last logs. */
function planPruning({ runtime }: PodInput): readonly PodAction[] {
  if (runtime.containers.length < 2 && runtime.sandboxes.length < 2) return NO_ACTIONS;
  const seen = new Map<string, number>();
  const kept = new Set<string>();
  const dead: PodAction[] = [];
  for (const { id, name, state, sandboxId } of runtime.containers) {
    const newer = seen.get(name) ?? 0;
    seen.set(name, newer + 1);
    if (newer < 2 || state === 'Running') kept.add(sandboxId);
    else dead.push({ type: 'RemoveContainer', container: name, id });
  }
  const old = runtime.sandboxes.slice(1).find(({ id, ready }, index) => !ready && (index > 0 || !kept.has(id)));
  return old === undefined ? dead : [...dead, { type: 'RemoveSandbox', id: old.id }];
}

/** Of the actions that exclude one another the first, and none that excludes what is under way. */
function unopposed(lists: readonly (readonly PodAction[])[], { memory }: PodInput): readonly PodAction[] {
  let chosen = NO_ACTIONS;
  for (const actions of lists) {
    for (const action of actions) {
      if (memory.operations.has(operationKey(action)) || isOpposed(action, chosen)) continue;
      chosen = chosen.length === 0 ? [action] : [...chosen, action];
    }
  }
  return chosen;
}

function isOpposed(action: PodAction, chosen: readonly PodAction[]): boolean {
  for (const each of chosen) if (operationKey(each) === operationKey(action)) return true;
  return false;
}

function requeue(times: readonly (number | undefined)[], now: number): number | undefined {
  let next = Infinity;
  for (const time of times) if (time !== undefined && time > now && time < next) next = time;
  return next === Infinity ? undefined : next - now;
}
