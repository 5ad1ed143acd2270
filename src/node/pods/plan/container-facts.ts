/** A pod's containers in the order they start, each joined with what the runtime and the probes say about it. */
import type { Container } from '#api/types/core-v1';
import type { ContainerView, PodInput, PodMemory, SandboxView, Verdicts } from './pod-state.ts';

export type Role = 'init' | 'sidecar' | 'app' | 'ephemeral';

export type ContainerFacts = {
  readonly spec: Container;
  readonly role: Role;
  /** The newest record, and the one before it. */
  readonly latest: ContainerView | undefined;
  readonly previous: ContainerView | undefined;
  /** The newest record belongs to the pod's current sandbox. */
  readonly here: boolean;
  /** Its start is under way. */
  readonly starting: boolean;
  readonly running: boolean;
  readonly exited: boolean;
  readonly started: boolean;
  readonly ready: boolean;
};

/** The sandbox containers may be started in. */
export function usableSandbox(input: PodInput): SandboxView | undefined {
  const newest = input.runtime.sandboxes[0];
  return newest?.ready === true ? newest : undefined;
}

const NONE: readonly Container[] = [];

export function containerFacts(input: PodInput): readonly ContainerFacts[] {
  const { spec } = input.pod;
  if (spec.initContainers === undefined && spec.ephemeralContainers === undefined)
    return spec.containers.map((each) => factsOf(each, 'app', input));
  const facts: ContainerFacts[] = [];
  for (const each of spec.initContainers ?? NONE)
    facts.push(factsOf(each, isSidecar(each) ? 'sidecar' : 'init', input));
  for (const each of spec.containers) facts.push(factsOf(each, 'app', input));
  for (const each of spec.ephemeralContainers ?? NONE) facts.push(factsOf(each, 'ephemeral', input));
  return facts;
}

function isSidecar(initContainer: Container): boolean {
  return initContainer.restartPolicy === 'Always';
}

/** Whether a container that exited with `exitCode` is started again while its pod lives. */
export function restarts(facts: Pick<ContainerFacts, 'spec' | 'role'>, exitCode: number, podPolicy: string): boolean {
  const { spec, role } = facts;
  if (role === 'ephemeral') return false;
  if (role === 'init' && exitCode === 0) return false;
  if (ruledToRestart(spec, exitCode)) return true;
  const policy = spec.restartPolicy ?? podPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function ruledToRestart(spec: Container, exitCode: number): boolean {
  return (spec.restartPolicyRules ?? []).some(({ action, exitCodes }) => {
    if (action !== 'Restart' || exitCodes === undefined) return false;
    const listed = (exitCodes.values ?? []).includes(exitCode);
    return exitCodes.operator === 'In' ? listed : !listed;
  });
}

function factsOf(spec: Container, role: Role, { runtime, memory, probes }: PodInput): ContainerFacts {
  const latest = record(runtime.containers, spec.name, undefined);
  const starting = isStarting(spec, memory);
  // While its start is under way its postStart hook may not have ended: it does not run yet as far as the pod goes.
  const running = latest?.state === 'Running' && !starting;
  const { started, ready } =
    latest === undefined ? NOT_UP : judge({ spec, role, latest, running }, probes.get(latest.id) ?? UNPROBED);
  return {
    spec,
    role,
    latest,
    previous: latest === undefined ? undefined : record(runtime.containers, spec.name, latest),
    here: latest !== undefined && latest.sandboxId === runtime.sandboxes[0]?.id,
    starting,
    running,
    exited: latest?.state === 'Exited',
    started,
    ready,
  };
}

function isStarting({ name }: Container, { operations }: PodMemory): boolean {
  return operations.size > 0 && operations.get(`container/${name}`)?.type === 'StartContainer';
}

/** The newest of this name that is not `other`. */
function record(
  containers: readonly ContainerView[],
  name: string,
  other: ContainerView | undefined,
): ContainerView | undefined {
  for (const each of containers) if (each.name === name && each !== other) return each;
  return undefined;
}

type Judgement = Pick<ContainerFacts, 'started' | 'ready'>;

const UNPROBED: Verdicts = {};
const NOT_UP: Judgement = { started: false, ready: false };

type Judged = Pick<ContainerFacts, 'spec' | 'role' | 'running'> & { readonly latest: ContainerView };

function judge({ spec, role, latest, running }: Judged, verdicts: Verdicts): Judgement {
  if (role === 'init') return { started: false, ready: latest.state === 'Exited' && latest.exitCode === 0 };
  if (!running) return NOT_UP;
  const started = spec.startupProbe === undefined || verdicts.startup === 'Success';
  const passes = spec.readinessProbe === undefined || verdicts.readiness === 'Success';
  return { started, ready: role !== 'ephemeral' && started && passes };
}
