/** What the API shows of a pod: container statuses, phase, conditions, addresses. */
import type { ContainerStatus, PodStatus } from '#api/types/core-v1';
import { usableSandbox, type ContainerFacts, type Role } from './container-facts.ts';
import { containerStatus } from './container-status.ts';
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

export function planStatus(input: PodInput, context: StatusContext): PodStatus {
  const { pod, status: old, node, now } = input;
  const { reason: _reason, message: _message, ...rest } = old;
  const statuses = statusesOf(input, context);
  const phase = phaseOf(input, context, statuses);
  const sandboxReady = usableSandbox(input) !== undefined;
  const conditions = podConditions({
    pod,
    facts: context.facts,
    statuses,
    phase,
    sandboxReady,
    old: old.conditions ?? [],
    memory: input.memory,
    now,
  });
  return {
    ...rest,
    ...present({ observedGeneration: pod.metadata.generation }),
    phase,
    ...whyOf(input, context, phase),
    conditions,
    ...addressesOf(input),
    ...(node.hostIps[0] === undefined ? {} : { hostIP: node.hostIps[0], hostIPs: node.hostIps.map((ip) => ({ ip })) }),
    startTime: old.startTime ?? formatTime(now),
    ...(wasRefused(input, context) ? {} : lists(context.facts, statuses)),
  };
}

/** A pod that the node did not even begin with has no containers to tell of. */
function wasRefused({ status }: PodInput, { facts, ending }: StatusContext): boolean {
  const began = status.containerStatuses !== undefined || facts.some(({ latest }) => latest !== undefined);
  return !began && (ending?.why === 'Stopped' || status.phase === 'Failed');
}

function statusesOf(input: PodInput, context: StatusContext): ReadonlyMap<string, ContainerStatus> {
  const { status, memory, pod, node } = input;
  const old = [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses].flatMap(
    (list) => list ?? [],
  );
  return new Map(
    context.facts.map((facts) => {
      const { name } = facts.spec;
      const made = containerStatus(facts, {
        old: old.find((each) => each.name === name),
        waiting: context.waiting.get(name),
        starting: memory.operations.get(`container/${name}`)?.type === 'StartContainer',
        initializing: (pod.spec.initContainers ?? []).length > 0,
        // What is never started again has ended for good when it is gone.
        ended: context.ended || facts.role === 'ephemeral',
        runtimeName: node.runtimeName,
        actual: actualResources(facts, input),
      });
      return [name, made];
    }),
  );
}

function phaseOf(input: PodInput, context: StatusContext, statuses: ReadonlyMap<string, ContainerStatus>): string {
  const { facts, ended, ending } = context;
  // A pod never leaves a phase that is final.
  for (const known of [input.pod.status?.phase, input.status.phase]) {
    if (known === 'Succeeded' || known === 'Failed') return known;
  }
  if (ending?.why === 'Stopped') return 'Failed';
  const restartPolicy = input.pod.spec.restartPolicy ?? 'Always';
  const phase = podPhase({ facts, statuses, restartPolicy, ended });
  return ended && phase !== 'Succeeded' ? 'Failed' : phase;
}

function whyOf(input: PodInput, { ending }: StatusContext, phase: string): Pick<PodStatus, 'reason' | 'message'> {
  if (ending?.reason !== undefined) return ending.reason;
  const { reason, message, phase: before } = input.status;
  if (before !== phase) return {};
  return present({ reason, message });
}

function addressesOf({ pod, runtime, node, status }: PodInput): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const sandbox = runtime.sandboxes[0];
  const own = pod.spec.hostNetwork === true ? node.hostIps : (sandbox?.ips ?? []);
  if (own[0] !== undefined) return { podIP: own[0], podIPs: own.map((ip) => ({ ip })) };
  return present({ podIP: status.podIP, podIPs: status.podIPs });
}

type Lists = Pick<PodStatus, 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses'>;

function lists(facts: readonly ContainerFacts[], statuses: ReadonlyMap<string, ContainerStatus>): Lists {
  const of = (...roles: readonly Role[]): readonly ContainerStatus[] =>
    facts.flatMap(({ role, spec }) => (roles.includes(role) ? [statuses.get(spec.name)!] : []));
  const init = of('init', 'sidecar');
  const ephemeral = of('ephemeral');
  return {
    containerStatuses: of('app'),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  };
}
