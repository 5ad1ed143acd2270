/** Decides the next step of giving a living pod more or less CPU and memory than its containers have. */
import type { Pod } from '#api/core/pod';
import type { ResourceRequirements } from '#api/types/core-v1';
import { resizedResources, statusOf } from './allocation.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { PodAction, PodInput, ResizedContainer } from './pod-state.ts';
import { present } from './present.ts';
import { graceMsOf } from './termination-grace.ts';

export type ResizePlan = { readonly actions: readonly PodAction[]; readonly retryAtMs?: number };

const NOTHING: ResizePlan = { actions: [] };

/** `input` is about the pod as it was given its resources, `wanted` is the pod as it is now. */
export function planResize(facts: readonly ContainerFacts[], input: PodInput, wanted: Pod): ResizePlan {
  const isWanted = wanted !== input.pod;
  const { resizePending, resizeProgress } = input.memory;
  if (!isWanted && resizePending === undefined && resizeProgress === undefined) return NOTHING;
  const operations = [...input.memory.operations.values()];
  // What is just being started must be known by its resources first.
  if (operations.some(({ type }) => type === 'ResizePod' || type === 'StartContainer')) return NOTHING;
  const asked = isWanted ? planAllocation(input, wanted) : NOTHING;
  if (asked.actions.length > 0) return asked;
  const going = planProgress(facts, input, isWanted);
  return {
    actions: going.actions,
    ...present({ retryAtMs: earlier(asked.retryAtMs, going.retryAtMs) }),
  };
}

/** A node that had no room is asked again when the pod asks for something else, or after a while. */
function planAllocation({ memory, now }: PodInput, { metadata }: Pod): ResizePlan {
  const { resizePending: pending } = memory;
  const isNew = pending === undefined || pending.generation !== (metadata.generation ?? 0);
  if (isNew || now >= (pending.retryAtMs ?? Infinity)) return { actions: [{ type: 'ResizePod', step: 'Allocate' }] };
  return { actions: [], ...present({ retryAtMs: pending.retryAtMs }) };
}

function planProgress(facts: readonly ContainerFacts[], input: PodInput, isWanted: boolean): ResizePlan {
  const { memory, now } = input;
  const { resizeProgress: progress, resizePending: pending } = memory;
  const complete: ResizePlan = { actions: [{ type: 'ResizePod', step: 'Complete' }] };
  // It was taken back before there was room for it.
  if (progress === undefined) return pending !== undefined && !isWanted ? complete : NOTHING;
  if (!progress.roomMade) return { actions: [{ type: 'ResizePod', step: 'MakeRoom' }] };
  const behind = facts.filter((each) => each.running && changesOf(each, input).size > 0);
  if (behind.length === 0) return complete;
  const stops = behind.filter((each) => needsRestart(each, input)).map((each) => stop(each, input));
  const live = behind.filter((each) => !needsRestart(each, input)).map((each) => resized(each, input));
  if (live.length === 0) return { actions: stops };
  const { retryAtMs } = progress;
  if (retryAtMs !== undefined && now < retryAtMs) return { actions: stops, retryAtMs };
  return { actions: [...stops, { type: 'ResizePod', step: 'Apply', containers: live }] };
}

function changesOf(facts: ContainerFacts, input: PodInput): ReturnType<typeof resizedResources> {
  if (facts.role !== 'app' && facts.role !== 'sidecar') return new Set();
  return resizedResources(actualResources(facts, input), facts.spec.resources);
}

/** What a container runs with: what it was changed to, else what its status told of it, else what it was made with. */
export function actualResources(
  { latest, spec }: ContainerFacts,
  { memory, status, node }: Pick<PodInput, 'memory' | 'status' | 'node'>,
): ResourceRequirements {
  if (latest === undefined) return spec.resources ?? {};
  const applied = memory.applied.get(latest.id);
  if (applied !== undefined) return applied;
  const told = statusOf(status, spec.name);
  const isIt = told?.containerID === `${node.runtimeName}://${latest.id}` && told.state?.running !== undefined;
  return (isIt ? told.resources : undefined) ?? spec.resources ?? {};
}

function needsRestart(facts: ContainerFacts, input: PodInput): boolean {
  const changed = changesOf(facts, input);
  return (facts.spec.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' && [...changed].some((name) => name === resourceName),
  );
}

function resized(facts: ContainerFacts, input: PodInput): ResizedContainer {
  return { name: facts.spec.name, id: facts.latest?.id ?? '', from: actualResources(facts, input) };
}

function stop({ spec, latest }: ContainerFacts, { pod }: PodInput): PodAction {
  return {
    type: 'StopContainer',
    container: spec.name,
    id: latest?.id ?? '',
    graceMs: graceMsOf(pod),
    message: `Container ${spec.name} resize requires restart`,
    runPreStop: true,
  };
}

function earlier(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}
