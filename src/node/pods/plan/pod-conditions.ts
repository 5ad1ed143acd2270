/** The conditions of a pod that its node owns, in upstream's words, beside those that others wrote. */
import type { Pod } from '#api/core/pod';
import type { ContainerStatus, PodCondition } from '#api/types/core-v1';
import type { ContainerFacts } from './container-facts.ts';
import { equalJson } from '#api/meta/json-value';
import { formatTime } from '#api/meta/time';
import type { PodMemory } from './pod-state.ts';
import { present } from './present.ts';

export type ConditionInput = {
  readonly pod: Pod;
  readonly facts: readonly ContainerFacts[];
  /** Of each of the facts, in their order. */
  readonly statuses: readonly ContainerStatus[];
  readonly phase: string;
  readonly sandboxReady: boolean;
  /** As last written. */
  readonly old: readonly PodCondition[];
  readonly memory: Pick<PodMemory, 'resizePending' | 'resizeProgress'>;
  readonly now: number;
};

type Verdict = { readonly status: 'True' | 'False'; readonly reason?: string; readonly message?: string };

const OURS = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
]);
const YES: Verdict = { status: 'True' };
const NO: Verdict = { status: 'False' };
const NONE: readonly PodCondition[] = [];
const NO_NAMES: readonly string[] = [];

const isOthers = ({ type }: PodCondition): boolean => !OURS.has(type);

/** The old ones themselves where they say the same. */
export function podConditions(input: ConditionInput): readonly PodCondition[] {
  const known = input.pod.status?.conditions ?? input.old;
  const others = known.some(isOthers) ? known.filter(isOthers) : NONE;
  const containersReady = judgeContainers(input);
  const ready = containersReady.status === 'True' ? judgeGates(input.pod, others) : containersReady;
  const own = [
    condition('PodReadyToStartContainers', input.sandboxReady ? YES : NO, input),
    condition('Initialized', judgeInitialized(input), input),
    condition('Ready', ready, input),
    condition('ContainersReady', containersReady, input),
    condition('PodScheduled', YES, input),
  ];
  const resize = resizeConditions(input);
  // In no more memory than they need: these lists stay as long as their pod.
  const made = others.length === 0 && resize.length === 0 ? own : others.concat(resize, own);
  return equalJson(input.old, made) ? input.old : made;
}

/** These are there only while there is something to tell. */
function resizeConditions(input: ConditionInput): readonly PodCondition[] {
  const { resizePending: pending, resizeProgress: progress } = input.memory;
  if (pending === undefined && progress === undefined) return NONE;
  const told: PodCondition[] = [];
  if (pending !== undefined) {
    const { reason, message, generation } = pending;
    const verdict: Verdict = { status: 'True', reason, message };
    told.push({ ...condition('PodResizePending', verdict, input), observedGeneration: generation });
  }
  if (progress !== undefined) {
    const { error, generation } = progress;
    const verdict: Verdict = error === undefined ? YES : { status: 'True', reason: 'Error', message: error };
    told.push({ ...condition('PodResizeInProgress', verdict, input), observedGeneration: generation });
  }
  return told;
}

function judgeContainers({ facts, statuses, phase }: ConditionInput): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  let unready = NO_NAMES;
  facts.forEach(({ role, spec }, index) => {
    if (role !== 'app' && role !== 'sidecar') return;
    if (statuses[index]?.ready !== true) unready = [...unready, spec.name];
  });
  if (unready.length === 0) return YES;
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${shownNames(unready)}`,
  };
}

function judgeGates({ spec }: Pod, conditions: readonly PodCondition[]): Verdict {
  if (spec.readinessGates === undefined) return YES;
  const texts = spec.readinessGates.flatMap(({ conditionType }) => {
    const found = conditions.find(({ type }) => type === conditionType);
    const gate = JSON.stringify(conditionType);
    if (found === undefined) return [`corresponding condition of pod readiness gate ${gate} does not exist.`];
    if (found.status === 'True') return [];
    return [`the status of pod readiness gate ${gate} is not "True", but ${found.status}`];
  });
  return texts.length === 0 ? YES : { status: 'False', reason: 'ReadinessGatesNotReady', message: texts.join(', ') };
}

function judgeInitialized({ facts, phase }: ConditionInput): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  // Once an ordinary container has started, sidecars that restart do not undo the initialisation.
  let incomplete = NO_NAMES;
  for (const each of facts) {
    if (each.role === 'app' && each.here && each.latest?.state !== 'Created') return YES;
    if (isIncomplete(each)) incomplete = [...incomplete, each.spec.name];
  }
  if (incomplete.length === 0) return YES;
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${shownNames(incomplete)}`,
  };
}

function isIncomplete({ role, ready, started }: ContainerFacts): boolean {
  return (role === 'init' && !ready) || (role === 'sidecar' && !started);
}

const shownNames = (names: readonly string[]): string => `[${names.join(' ')}]`;

function condition(type: string, verdict: Verdict, { pod, old, now }: ConditionInput): PodCondition {
  const before = find(old, type);
  const { generation } = pod.metadata;
  const unchanged = before?.status === verdict.status ? before : undefined;
  if (unchanged?.observedGeneration === generation && saysTheSame(unchanged, verdict)) return unchanged;
  const lastTransitionTime = unchanged?.lastTransitionTime ?? formatTime(now);
  const { status, reason, message } = verdict;
  if (reason === undefined && generation !== undefined)
    return plain({ type, status, observedGeneration: generation, lastTransitionTime });
  return present({ type, status, observedGeneration: generation, lastTransitionTime, reason, message });
}

type Plain = Required<Pick<PodCondition, 'type' | 'observedGeneration' | 'lastTransitionTime'>> &
  Pick<Verdict, 'status'>;

// Most conditions of most pods say no more than that, and of those that come about in the same second all say the same: one for all.
const latest = { True: new Map<string, Plain>(), False: new Map<string, Plain>() };

function plain(made: Plain): Plain {
  const known = latest[made.status].get(made.type);
  const isSame =
    known?.observedGeneration === made.observedGeneration && known.lastTransitionTime === made.lastTransitionTime;
  if (isSame) return known;
  latest[made.status].set(made.type, made);
  return made;
}

function find(conditions: readonly PodCondition[], type: string): PodCondition | undefined {
  // Over what is frozen an iterator takes longer than all the rest.
  for (let index = 0; index < conditions.length; index++) {
    const each = conditions[index];
    if (each?.type === type) return each;
  }
  return undefined;
}

function saysTheSame(before: PodCondition | undefined, { reason, message }: Verdict): before is PodCondition {
  return before !== undefined && before.reason === reason && before.message === message;
}
