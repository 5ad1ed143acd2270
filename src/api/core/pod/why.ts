/** Why a pod is not fine, in a few words, read from its status alone. */
import { findCondition } from '../../meta/conditions.ts';
import type { ContainerState, ContainerStatus, Pod } from '../../types/core-v1.ts';
import { isTerminal } from '../pod-state.ts';

/** Empty for a pod that is fine, or about to be. */
export function whyNotFine(pod: Pod): string {
  const { status = {}, metadata } = pod;
  if (metadata.deletionTimestamp !== undefined) return whyStillThere(pod);
  if (status.phase === 'Succeeded') return '';
  if (isTerminal(pod)) return status.message || containersWhy(pod) || (status.reason ?? '');
  return schedulingWhy(pod) || containersWhy(pod) || readinessWhy(pod);
}

/** Finalizers keep what is asked to go. */
function whyStillThere({ metadata: { finalizers = [] } }: Pod): string {
  return finalizers.length === 0 ? '' : `kept by ${finalizers.join(', ')}`;
}

function schedulingWhy({ status = {}, spec }: Pod): string {
  const { status: scheduled, reason, message = '' } = findCondition(status.conditions, 'PodScheduled') ?? {};
  if (scheduled !== 'False') return '';
  if (reason === 'SchedulingGated')
    return `gated by ${(spec.schedulingGates ?? []).map(({ name }) => name).join(', ')}`;
  return refusalsOf(message);
}

/** `0/3 nodes are available: 1 A, 2 B. preemption: ...`: what most nodes say. */
function refusalsOf(message: string): string {
  const told = /^0\/\d+ nodes are available: (.*?)\.(?: |$)/s.exec(message)?.[1];
  if (told === undefined) return message;
  const counted = [...told.matchAll(/(?:^|, )(\d+) (.*?)(?=, \d+ |$)/gs)];
  const most = counted.toSorted(([, left = ''], [, right = '']) => Number(right) - Number(left))[0];
  if (most === undefined) return told;
  const [, count, reason = ''] = most;
  const words = reason.replace(/^node\(s\) /, '');
  return counted.length === 1 ? words : `${words} (${count} nodes)`;
}

function containersWhy({ status = {} }: Pod): string {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const whys = all.flatMap((container) => containerWhy(container) ?? []);
  return whys[0] ?? '';
}

const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

function containerWhy({ name, state = {}, lastState = {}, restartCount }: ContainerStatus): string | undefined {
  const { waiting, terminated } = state;
  if (waiting?.reason === 'CrashLoopBackOff') return `${name} ${ending(lastState)}, ${restartCount} restarts`;
  if (waiting?.reason !== undefined) return waitingWhy(name, waiting);
  return terminated === undefined || terminated.exitCode === 0 ? undefined : `${name} ${ending(state)}`;
}

function waitingWhy(
  name: string,
  { reason = '', message }: NonNullable<ContainerState['waiting']>,
): string | undefined {
  if (STARTING.has(reason)) return undefined;
  return `${name}: ${message ? firstLine(message) : reason}`;
}

function ending({ terminated }: ContainerState): string {
  if (terminated === undefined) return 'ended';
  if (terminated.reason === 'OOMKilled') return 'ran out of memory (OOMKilled)';
  const said = terminated.message ? `: ${firstLine(terminated.message)}` : '';
  if (terminated.signal) return `was ended by signal ${terminated.signal}${said}`;
  return `exited with ${terminated.exitCode}${said}`;
}

const LINE_AT_MOST = 80;

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line.length > LINE_AT_MOST ? `${line.slice(0, LINE_AT_MOST - 1)}…` : line;
}

/** Running for a while, and still not ready. */
function readinessWhy({ status = {} }: Pod): string {
  if (status.phase !== 'Running') return '';
  const running = (status.containerStatuses ?? []).filter(({ state }) => state?.running !== undefined);
  const unready = running
    .filter(({ ready }) => !ready)
    .map(({ name, started }) =>
      started === false ? `${name} has not started (startup probe)` : `${name} is not ready (readiness probe)`,
    );
  if (unready[0] !== undefined) return unready[0];
  const ready = findCondition(status.conditions, 'Ready');
  return ready?.reason === 'ReadinessGatesNotReady' ? firstLine(ready.message ?? '') : '';
}
