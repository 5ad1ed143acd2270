/** What the API shows of a pod: container statuses, phase, conditions, addresses. */
import type { ContainerStatus, PodCondition, PodStatus } from '#api/types/core-v1';
import { statusOfContainer } from './allocation.ts';
import { usableSandbox, type ContainerFacts } from './container-facts.ts';
import { containerStatus } from './container-status.ts';
import { equalJson } from '#api/meta/json-value';
import { formatTime } from '#api/meta/time';
import type { Ending } from './plan-ending.ts';
import { actualResources } from './plan-resize.ts';
import { podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';
import type { PodInput, Waiting } from './pod-state.ts';
import { present } from './present.ts';

export type StatusContext = {
  readonly facts: readonly ContainerFacts[];
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly ending: Ending | undefined;
  /** The pod ends and nothing of it runs any more. */
  readonly ended: boolean;
};

const NO_CONDITIONS: readonly PodCondition[] = [];

type Growing<T> = { -readonly [K in keyof T]: T[K] };

/** The old status itself, and the old parts of it, where they say the same: what did not change is not to be looked at by anyone. */
export function planStatus(input: PodInput, context: StatusContext): PodStatus {
  const { pod, status: old, node, now } = input;
  const statuses = statusesOf(input, context);
  const phase = phaseOf(input, context, statuses);
  const conditions = podConditions({
    pod,
    facts: context.facts,
    statuses,
    phase,
    sandboxReady: usableSandbox(input) !== undefined,
    old: old.conditions ?? NO_CONDITIONS,
    memory: input.memory,
    now,
  });
  const made: Growing<PodStatus> = { ...withoutWhy(old) };
  made.phase = phase;
  made.conditions = conditions;
  made.startTime = old.startTime ?? formatTime(now);
  if (pod.metadata.generation !== undefined) made.observedGeneration = pod.metadata.generation;
  Object.assign(made, whyOf(input, context, phase), addressesOf(input), hostOf(node.hostIps));
  if (!wasRefused(input, context)) fillLists(made, context.facts, statuses);
  return equalJson(old, made) ? old : made;
}

function withoutWhy(status: PodStatus): PodStatus {
  if (status.reason === undefined && status.message === undefined) return status;
  const { reason: _reason, message: _message, ...rest } = status;
  return rest;
}

type Host = Pick<PodStatus, 'hostIP' | 'hostIPs'>;

// All pods of a node tell the same of it.
const hosts = new WeakMap<readonly string[], Host>();

function hostOf(ips: readonly string[]): Host {
  const known = hosts.get(ips);
  if (known !== undefined) return known;
  const host = ips[0] === undefined ? {} : { hostIP: ips[0], hostIPs: ips.map(shownIp) };
  hosts.set(ips, host);
  return host;
}

/** A pod that the node did not even begin with has no containers to tell of. */
function wasRefused({ status }: PodInput, { facts, ending }: StatusContext): boolean {
  const began = status.containerStatuses !== undefined || facts.some(({ latest }) => latest !== undefined);
  return !began && (ending?.why === 'Stopped' || status.phase === 'Failed');
}

/** By name. */
function statusesOf(input: PodInput, context: StatusContext): ReadonlyMap<string, ContainerStatus> {
  const { status, memory, pod, node } = input;
  const statuses = new Map<string, ContainerStatus>();
  const initializing = (pod.spec.initContainers?.length ?? 0) > 0;
  for (const facts of context.facts) {
    const { name } = facts.spec;
    const old = statusOfContainer(status, name);
    const made = containerStatus(facts, {
      old,
      waiting: context.waiting.get(name),
      starting: memory.operations.get(`container/${name}`)?.type === 'StartContainer',
      initializing,
      // What is never started again has ended for good when it is gone.
      ended: context.ended || facts.role === 'ephemeral',
      runtimeName: node.runtimeName,
      actual: actualResources(facts, input),
    });
    statuses.set(name, equalJson(old, made) && old !== undefined ? old : made);
  }
  return statuses;
}

function phaseOf(input: PodInput, context: StatusContext, statuses: ReadonlyMap<string, ContainerStatus>): string {
  const { facts, ended, ending } = context;
  // A pod never leaves a phase that is final.
  const known = finalPhase(input.pod.status) ?? finalPhase(input.status);
  if (known !== undefined) return known;
  if (ending?.why === 'Stopped') return 'Failed';
  const restartPolicy = input.pod.spec.restartPolicy ?? 'Always';
  const phase = podPhase({ facts, statuses, restartPolicy, ended });
  return ended && phase !== 'Succeeded' ? 'Failed' : phase;
}

function finalPhase(status: PodStatus | undefined): string | undefined {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' ? phase : undefined;
}

const NOTHING_TOLD: Pick<PodStatus, 'reason' | 'message'> = {};

function whyOf(input: PodInput, { ending }: StatusContext, phase: string): Pick<PodStatus, 'reason' | 'message'> {
  if (ending?.reason !== undefined) return ending.reason;
  const { reason, message, phase: before } = input.status;
  if (before !== phase || (reason === undefined && message === undefined)) return NOTHING_TOLD;
  return present({ reason, message });
}

function addressesOf({ pod, runtime, node, status }: PodInput): Pick<PodStatus, 'podIP' | 'podIPs'> | undefined {
  const own = pod.spec.hostNetwork === true ? node.hostIps : (runtime.sandboxes[0]?.ips ?? []);
  // Without a sandbox it keeps those that it had.
  if (own[0] === undefined || own[0] === status.podIP) return undefined;
  return { podIP: own[0], podIPs: own.map(shownIp) };
}

const shownIp = (ip: string): { readonly ip: string } => ({ ip });

function fillLists(
  status: Growing<PodStatus>,
  facts: readonly ContainerFacts[],
  statuses: ReadonlyMap<string, ContainerStatus>,
): void {
  const apps: ContainerStatus[] = [];
  let init: ContainerStatus[] | undefined;
  let ephemeral: ContainerStatus[] | undefined;
  for (const { role, spec } of facts) {
    const made = statuses.get(spec.name);
    if (made === undefined) continue;
    if (role === 'app') apps.push(made);
    else if (role === 'ephemeral') (ephemeral ??= []).push(made);
    else (init ??= []).push(made);
  }
  // A copy takes no more memory than it needs, a list that has grown has room for a dozen more: these stay as long as their pod.
  status.containerStatuses = apps.slice();
  if (init !== undefined) status.initContainerStatuses = init.slice();
  if (ephemeral !== undefined) status.ephemeralContainerStatuses = ephemeral.slice();
}
