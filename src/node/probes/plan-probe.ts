/** When a container is probed and what a row of results means. Pure: upstream's timing and threshold rules. */
import type { Probe } from '#api/types/core-v1';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';
export type ProbeResult = 'Success' | 'Failure';

export type ProbeTiming = {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
};

/** What is known of a probe of one container. */
export type ProbeState = {
  readonly last?: ProbeResult;
  /** How often in a row the last result came. */
  readonly streak: number;
  /** Absent until a threshold was reached for the first time. */
  readonly verdict?: ProbeResult;
};

export const UNPROBED: ProbeState = { streak: 0 };

export function probeTiming(probe: Probe): ProbeTiming {
  const seconds = (value: number | undefined, otherwise: number): number => (value || otherwise) * 1000;
  return {
    initialDelayMs: seconds(probe.initialDelaySeconds, 0),
    periodMs: seconds(probe.periodSeconds, 10),
    timeoutMs: seconds(probe.timeoutSeconds, 1),
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}

/** How long to wait before the first probe of a container that started at `startedAtMs`. */
export function firstDelayMs({ initialDelayMs }: ProbeTiming, startedAtMs: number, now: number): number {
  return Math.max(0, startedAtMs + initialDelayMs - now);
}

/** How long to wait after a probe that began at `begunMs`: the rhythm is kept, and beats it was too slow for are left out. */
export function nextDelayMs({ periodMs }: ProbeTiming, begunMs: number, now: number): number {
  const beats = Math.floor((now - begunMs) / periodMs) + 1;
  return begunMs + beats * periodMs - now;
}

export function afterResult(state: ProbeState, result: ProbeResult, timing: ProbeTiming): ProbeState {
  const streak = state.last === result ? state.streak + 1 : 1;
  const needed = result === 'Success' ? timing.successThreshold : timing.failureThreshold;
  if (streak >= needed) return { last: result, streak, verdict: result };
  return { ...state, last: result, streak };
}

/** A verdict after which this container needs no more probes of the kind: a new one will be made, or it has started. */
export function isFinal(kind: ProbeKind, verdict: ProbeResult | undefined): boolean {
  if (kind === 'startup') return verdict !== undefined;
  return kind === 'liveness' && verdict === 'Failure';
}
