/** Decides which containers of a living pod are started and which are stopped, init containers and sidecars in order. */
import { containerHash } from './container-hash.ts';
import { restarts, usableSandbox, type ContainerFacts } from './container-facts.ts';
import { planStart } from './plan-start.ts';
import type { PodAction, PodInput, StopContainer, Verdicts, Waiting } from './pod-state.ts';
import { present } from './present.ts';
import { graceMsOf } from './termination-grace.ts';

export type ContainersPlan = {
  readonly actions: readonly PodAction[];
  /** Why a container that should run does not. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly retryAtMs?: number;
};

const NO_ACTIONS: readonly PodAction[] = [];
const UNPROBED: Verdicts = {};

export const NOTHING_WAITS: ReadonlyMap<string, Waiting> = new Map();

export function planContainers(facts: readonly ContainerFacts[], input: PodInput): ContainersPlan {
  const sandbox = usableSandbox(input);
  let actions = planRestarts(facts, input);
  let waiting = NOTHING_WAITS;
  let retryAtMs: number | undefined;
  let starting = isStarting(input);
  for (const each of wanted(facts, input)) {
    const plan = planStart(each, input, sandbox);
    if (plan.waiting !== undefined) waiting = new Map(waiting).set(each.spec.name, plan.waiting);
    if (plan.retryAtMs !== undefined) retryAtMs = Math.min(plan.retryAtMs, retryAtMs ?? Infinity);
    if (plan.action === undefined) continue;
    // One start at a time, in the pod's order: a container may count on the hooks of those before it.
    if (plan.action.type === 'StartContainer') {
      if (starting) continue;
      starting = true;
    }
    actions = [...actions, plan.action];
  }
  return retryAtMs === undefined ? { actions, waiting } : { actions, waiting, retryAtMs };
}

/** What should run now but does not: visitors at once, the init containers up to the first that is not done, or all the rest. */
export function wanted(facts: readonly ContainerFacts[], input: PodInput): readonly ContainerFacts[] {
  const initialized = isInitialized(facts);
  const policy = podPolicy(input);
  const missing = visitors(facts, input);
  for (const each of facts) {
    if (each.role === 'ephemeral' || (each.role === 'init' && initialized)) continue;
    if (isMissing(each, policy)) missing.push(each);
    if (!initialized && holdsUpOthers(each)) break;
  }
  return missing;
}

// They come first, for people may look around just because a pod does not get on.
function visitors(facts: readonly ContainerFacts[], input: PodInput): ContainerFacts[] {
  const missing: ContainerFacts[] = [];
  for (const each of facts) if (each.role === 'ephemeral' && isAwaited(each, input)) missing.push(each);
  return missing;
}

function isInitialized(facts: readonly ContainerFacts[]): boolean {
  for (const { role, here } of facts) if (role === 'app' && here) return true;
  return false;
}

/** An ephemeral container runs once; its record may be gone with its sandbox, its status is not. */
function isAwaited({ latest, spec }: ContainerFacts, { status }: PodInput): boolean {
  if (latest !== undefined) return latest.state === 'Created';
  const { state = {} } = status.ephemeralContainerStatuses?.find(({ name }) => name === spec.name) ?? {};
  return state.running === undefined && state.terminated === undefined;
}

/** Those after it in the pod's order wait for it. */
function holdsUpOthers({ role, here, exited, ready, started }: ContainerFacts): boolean {
  if (role === 'init') return !(here && exited && ready);
  return role === 'sidecar' && !started;
}

function isMissing(facts: ContainerFacts, policy: string): boolean {
  const { latest, here, role } = facts;
  if (latest === undefined || latest.state === 'Created') return true;
  if (latest.state !== 'Exited') return false;
  // A new sandbox starts from the beginning: whatever initialised the old one is gone.
  if (role === 'init' && !here) return true;
  return restarts(facts, latest.exitCode ?? 0, policy);
}

function isStarting({ memory }: PodInput): boolean {
  if (memory.operations.size === 0) return false;
  for (const { type } of memory.operations.values()) if (type === 'StartContainer') return true;
  return false;
}

function podPolicy({ pod }: PodInput): string {
  return pod.spec.restartPolicy ?? 'Always';
}

/** Stops what runs but must not go on as it is; it is then missing and started again. */
function planRestarts(facts: readonly ContainerFacts[], input: PodInput): readonly PodAction[] {
  let stops = NO_ACTIONS;
  for (const each of facts) {
    const { latest, spec } = each;
    if (latest === undefined || input.memory.operations.has(`container/${spec.name}`)) continue;
    const why = restartReason(each, input.probes.get(latest.id) ?? UNPROBED);
    if (why !== undefined) stops = [...stops, stop(each, why, input)];
  }
  return stops;
}

type RestartReason = { readonly text: string; readonly probeGraceSeconds?: number };

function restartReason(facts: ContainerFacts, verdicts: Verdicts): RestartReason | undefined {
  const { spec, latest, role } = facts;
  if (latest?.state === 'Unknown') return { text: 'is in unknown state, try killing it before restart' };
  if (!facts.running || role === 'init' || role === 'ephemeral') return undefined;
  if (latest?.hash !== containerHash(spec)) return { text: 'definition changed' };
  if (verdicts.liveness === 'Failure') return probeReason('liveness', spec.livenessProbe);
  if (verdicts.startup === 'Failure') return probeReason('startup', spec.startupProbe);
  return undefined;
}

function probeReason(
  name: string,
  probe: { readonly terminationGracePeriodSeconds?: number } | undefined,
): RestartReason {
  return { text: `failed ${name} probe`, ...present({ probeGraceSeconds: probe?.terminationGracePeriodSeconds }) };
}

function stop(facts: ContainerFacts, why: RestartReason, input: PodInput): StopContainer {
  const { name } = facts.spec;
  const again = restarts(facts, 1, podPolicy(input)) && facts.latest?.state !== 'Unknown';
  return {
    type: 'StopContainer',
    container: name,
    id: facts.latest?.id ?? '',
    graceMs: graceMsOf(input.pod, why.probeGraceSeconds),
    message: `Container ${name} ${why.text}${again ? ', will be restarted' : ''}`,
    runPreStop: true,
  };
}
