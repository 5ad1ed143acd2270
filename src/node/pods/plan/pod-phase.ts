/** A pod's phase, by upstream's rules, from the statuses of its containers. */
import type { ContainerStatus } from '#api/types/core-v1';
import { restarts, type ContainerFacts } from './container-facts.ts';

export type PhaseInput = {
  readonly facts: readonly ContainerFacts[];
  /** Of each of the facts, in their order. */
  readonly statuses: readonly ContainerStatus[];
  readonly restartPolicy: string;
  /** The pod has been taken down: its containers are not started again whatever the policy. */
  readonly ended: boolean;
};

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

type Tally = {
  pendingInit: number;
  pendingSidecars: number;
  running: number;
  waiting: number;
  stopped: number;
  stoppedForGood: number;
  succeeded: number;
  failedInit: boolean;
};

export function podPhase(input: PhaseInput): Phase {
  const tally = count(input);
  if (tally.failedInit) return 'Failed';
  // Sidecars that restart do not put a pod back whose ordinary containers have run.
  const initialized = input.facts.some(({ role, latest }) => role === 'app' && latest !== undefined);
  const initializing = tally.pendingInit > 0 || (tally.pendingSidecars > 0 && !initialized);
  if (initializing || tally.waiting > 0) return 'Pending';
  return tally.running > 0 ? 'Running' : phaseAtRest(tally, input.ended);
}

function phaseAtRest({ stopped, stoppedForGood, succeeded }: Tally, ended: boolean): Phase {
  if (stopped === 0) return 'Pending';
  if (!ended && stopped !== stoppedForGood) return 'Running';
  return stopped === succeeded ? 'Succeeded' : 'Failed';
}

function count(input: PhaseInput): Tally {
  const tally: Tally = {
    pendingInit: 0,
    pendingSidecars: 0,
    running: 0,
    waiting: 0,
    stopped: 0,
    stoppedForGood: 0,
    succeeded: 0,
    failedInit: false,
  };
  input.facts.forEach((facts, index) => {
    const status = input.statuses[index];
    if (facts.role === 'init') countInit(tally, facts, { status, policy: input.restartPolicy });
    if (facts.role === 'sidecar') countSidecar(tally, status);
    if (facts.role === 'app') countApp(tally, facts, { status, policy: input.restartPolicy });
  });
  return tally;
}

type Counted = { readonly status: ContainerStatus | undefined; readonly policy: string };

/** The exit code of a container that has ended, and may be waiting to start again. */
function lastExit(status: ContainerStatus | undefined): number | undefined {
  const { terminated, waiting } = status?.state ?? {};
  if (terminated !== undefined) return terminated.exitCode;
  return waiting === undefined ? undefined : status?.lastState?.terminated?.exitCode;
}

function countInit(tally: Tally, facts: ContainerFacts, { status, policy }: Counted): void {
  const exitCode = lastExit(status);
  if (exitCode === undefined) tally.pendingInit++;
  else if (exitCode !== 0 && !restarts(facts, exitCode, policy)) tally.failedInit = true;
}

function countSidecar(tally: Tally, status: ContainerStatus | undefined): void {
  if (status?.state?.running !== undefined) {
    tally.running++;
    if (status.started !== true) tally.pendingSidecars++;
  } else if (lastExit(status) === undefined) {
    tally.pendingSidecars++;
    tally.waiting++;
  }
}

function countApp(tally: Tally, facts: ContainerFacts, { status, policy }: Counted): void {
  if (status?.state?.running !== undefined) {
    tally.running++;
    return;
  }
  const exitCode = lastExit(status);
  if (exitCode === undefined) {
    tally.waiting++;
    return;
  }
  tally.stopped++;
  if (!restarts(facts, exitCode, policy)) tally.stoppedForGood++;
  if (status?.state?.terminated?.exitCode === 0) tally.succeeded++;
}
