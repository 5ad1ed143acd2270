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
  tellWhy(made, input, { ending: context.ending, phase });
  tellAddresses(made, input);
  const { hostIP, hostIPs } = hostOf(node.hostIps);
  if (hostIP !== undefined) made.hostIP = hostIP;
  if (hostIPs !== undefined) made.hostIPs = hostIPs;
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

/** Of each of the facts, in their order. */
function statusesOf(input: PodInput, context: StatusContext): readonly ContainerStatus[] {
  const initializing = (input.pod.spec.initContainers?.length ?? 0) > 0;
  return context.facts.map((facts) => statusOfOne(facts, initializing, { input, context }));
}

function statusOfOne(
  facts: ContainerFacts,
  initializing: boolean,
  { input, context }: { readonly input: PodInput; readonly context: StatusContext },
): ContainerStatus {
  const { name } = facts.spec;
  const old = statusOfContainer(input.status, name);
  const made = containerStatus(facts, {
    old,
    waiting: context.waiting.get(name),
    starting: facts.starting,
    initializing,
    // What is never started again has ended for good when it is gone.
    ended: context.ended || facts.role === 'ephemeral',
    runtimeName: input.node.runtimeName,
    actual: actualResources(facts, input),
  });
  return old !== undefined && equalJson(old, made) ? old : made;
}

function phaseOf(input: PodInput, context: StatusContext, statuses: readonly ContainerStatus[]): string {
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

type Why = { readonly ending: Ending | undefined; readonly phase: string };

function tellWhy(made: Growing<PodStatus>, { status }: PodInput, { ending, phase }: Why): void {
  // What was told of a phase stays for as long as that does.
  const told = ending?.reason ?? (status.phase === phase ? status : undefined);
  if (told?.reason !== undefined) made.reason = told.reason;
  if (told?.message !== undefined) made.message = told.message;
}

function tellAddresses(made: Growing<PodStatus>, { pod, runtime, node, status }: PodInput): void {
  const own = pod.spec.hostNetwork === true ? node.hostIps : runtime.sandboxes[0]?.ips;
  // Without a sandbox it keeps those that it had.
  if (own?.[0] === undefined || own[0] === status.podIP) return;
  made.podIP = own[0];
  made.podIPs = own.map(shownIp);
}

const shownIp = (ip: string): { readonly ip: string } => ({ ip });

function fillLists(
  status: Growing<PodStatus>,
  facts: readonly ContainerFacts[],
  statuses: readonly ContainerStatus[],
): void {
  if (facts.every(isApp)) {
    status.containerStatuses = statuses;
    return;
  }
  const apps = statuses.filter((_, index) => isApp(facts[index]));
  const ephemeral = statuses.filter((_, index) => facts[index]?.role === 'ephemeral');
  status.containerStatuses = apps;
  if (apps.length + ephemeral.length < statuses.length)
    status.initContainerStatuses = statuses.filter((_, index) => isInit(facts[index]));
  if (ephemeral.length > 0) status.ephemeralContainerStatuses = ephemeral;
}

const isApp = (facts: ContainerFacts | undefined): boolean => facts?.role === 'app';
const isInit = (facts: ContainerFacts | undefined): boolean => facts?.role === 'init' || facts?.role === 'sidecar';
