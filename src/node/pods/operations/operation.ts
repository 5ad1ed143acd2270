/** What carrying out one step of a pod's plan needs and gives back. */
import type { Pod } from '#api/core/pod';
import type { Container } from '#api/types/core-v1';
import type { AgentContext } from '../agent-context.ts';
import { NO_MEMORY, type ContainerMemory, type Failure, type PodMemory } from '../plan/pod-state.ts';
import type { Taken } from '../plan/room.ts';

export type OperationInput = {
  /** With the resources that the node has given it. */
  readonly pod: Pod;
  /** As it is in the API. */
  readonly wanted: Pod;
  /** What the node's other pods take that have not finished, likewise with what they were given. */
  readonly taken: () => Taken;
  readonly memory: PodMemory;
  readonly agent: AgentContext;
  readonly signal: AbortSignal;
};

/** What to remember from now on. */
export type Remember = (memory: PodMemory) => PodMemory;

export const rememberNothing: Remember = (memory) => memory;

export function rememberContainer(name: string, change: (memory: ContainerMemory) => ContainerMemory): Remember {
  return (memory) => {
    const changed = change(memory.containers.get(name) ?? NOTHING_KNOWN);
    // Of most containers there is nothing to remember once they run.
    const containers = isEmpty(changed) ? without(memory.containers, name) : withOne(memory.containers, name, changed);
    return { ...memory, containers };
  };
}

type Remembered = PodMemory['containers'];

const NOTHING_KNOWN: ContainerMemory = {};

function isEmpty(memory: ContainerMemory): boolean {
  for (const _ in memory) return false;
  return true;
}

function withOne(all: Remembered, name: string, memory: ContainerMemory): Remembered {
  const next = all.size === 0 ? new Map<string, ContainerMemory>() : new Map(all);
  return next.set(name, memory);
}

function without(all: Remembered, name: string): Remembered {
  if (!all.has(name)) return all;
  if (all.size === 1) return NO_MEMORY.containers;
  const next = new Map(all);
  next.delete(name);
  return next;
}

export function findContainer({ spec }: Pod, name: string): Container {
  const isIt = (each: Container): boolean => each.name === name;
  const found = spec.containers.find(isIt) ?? spec.initContainers?.find(isIt) ?? spec.ephemeralContainers?.find(isIt);
  if (found === undefined) throw new Error(`Cannot find container "${name}": the pod has no such container`);
  return found;
}

/** `spec.containers{web}`: the part of the pod an event is about. */
export function fieldPath({ spec }: Pod, name: string): string {
  const has = (list: readonly { readonly name: string }[] | undefined): boolean =>
    list?.some((each) => each.name === name) === true;
  if (has(spec.initContainers)) return `spec.initContainers{${name}}`;
  return has(spec.ephemeralContainers) ? `spec.ephemeralContainers{${name}}` : `spec.containers{${name}}`;
}

export type RetryPolicy = { readonly firstMs: number; readonly longestMs: number };

export function failureAgain(
  before: Pick<Failure, 'failures'> | undefined,
  what: { readonly reason: string; readonly message: string; readonly now: number },
  { firstMs, longestMs }: RetryPolicy,
): Failure {
  const failures = (before?.failures ?? 0) + 1;
  const delayMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return { reason: what.reason, message: what.message, failures, retryAtMs: what.now + delayMs };
}
