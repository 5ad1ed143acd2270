/** The table of pods: one word that sums up where a pod stands, drawn from all its containers. */
import { isConditionTrue } from '../../meta/conditions.ts';
import { AGE_COLUMN, NAME_COLUMN, NONE, column, wideColumn } from '../../meta/columns.ts';
import { ageOf } from '../../meta/human-duration.ts';
import type { Column } from '../../resource.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../../types/core-v1.ts';
import { isTerminal } from '../pod-state.ts';
import { isSidecar } from './visit.ts';

type Summary = {
  readonly status: string;
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  /** When a container last ended to be started again. */
  readonly lastRestart: string | undefined;
};

export const POD_COLUMNS: readonly Column<Pod>[] = [
  NAME_COLUMN,
  column('Ready', 'How many of its containers are ready, out of all that are meant to keep running.', (pod) => {
    const { ready, total } = summarise(pod);
    return `${ready}/${total}`;
  }),
  column('Status', 'Where the pod stands, summed up over its containers.', (pod) => summarise(pod).status),
  column('Restarts', 'How often its containers were started again, and when the last of them was.', (pod, nowMs) => {
    const { restarts, lastRestart } = summarise(pod);
    return restarts === 0 || lastRestart === undefined
      ? String(restarts)
      : `${restarts} (${ageOf(lastRestart, nowMs)} ago)`;
  }),
  AGE_COLUMN,
  wideColumn('IP', 'The address of the pod in the cluster.', ({ status }) => status?.podIPs?.[0]?.ip || NONE),
  wideColumn('Node', 'The node the pod is bound to.', ({ spec }) => spec.nodeName || NONE),
  wideColumn(
    'Nominated Node',
    'The node on which room is being made for the pod.',
    ({ status }) => status?.nominatedNodeName || NONE,
  ),
  wideColumn(
    'Readiness Gates',
    'How many of the conditions that others must report are true.',
    ({ spec: { readinessGates = [] }, status }) => {
      const met = readinessGates.filter(({ conditionType }) => isConditionTrue(status?.conditions, conditionType));
      return readinessGates.length === 0 ? NONE : `${met.length}/${readinessGates.length}`;
    },
  ),
];

// The three cells of a row ask for the same summary one after another.
const summaries = new WeakMap<Pod, Summary>();

function summarise(pod: Pod): Summary {
  const known = summaries.get(pod);
  if (known !== undefined) return known;
  const summary = summaryOf(pod);
  summaries.set(pod, summary);
  return summary;
}

function summaryOf(pod: Pod): Summary {
  const { spec, status = {} } = pod;
  const total = spec.containers.length + (spec.initContainers ?? []).filter(isSidecar).length;
  const init = summariseInit(pod);
  const isInitialised = init.reason === undefined || isConditionTrue(status.conditions, 'Initialized');
  const main = isInitialised ? summariseMain(pod) : { ready: 0, reason: undefined };
  const statuses = isInitialised ? [...init.sidecars, ...(status.containerStatuses ?? [])] : init.reached;
  return {
    status: leaving(pod) ?? main.reason ?? init.reason ?? phaseOf(pod),
    ready: init.ready + main.ready,
    total,
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastRestart: lastEnd(statuses),
  };
}

function phaseOf({ status = {} }: Pod): string {
  const isGated = (status.conditions ?? []).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (isGated) return 'SchedulingGated';
  return status.reason || (status.phase ?? '');
}

/** A pod that is asked to end shows that above all else. */
function leaving(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return isTerminal(pod) ? undefined : 'Terminating';
}

type InitSummary = {
  readonly reason: string | undefined;
  readonly ready: number;
  /** The init containers that have had their turn, up to the one that is not done. */
  readonly reached: readonly ContainerStatus[];
  readonly sidecars: readonly ContainerStatus[];
};

function summariseInit({ spec: { initContainers = [] }, status = {} }: Pod): InitSummary {
  const statuses = status.initContainerStatuses ?? [];
  const byName = new Map(initContainers.map((container) => [container.name, container]));
  const isDone = (each: ContainerStatus): boolean =>
    each.state?.terminated?.exitCode === 0 || (isSidecar(byName.get(each.name)) && each.started === true);
  const pending = statuses.findIndex((each) => !isDone(each));
  const reached = pending < 0 ? statuses : statuses.slice(0, pending + 1);
  const sidecars = reached.filter(({ name }) => isSidecar(byName.get(name)));
  const ready = sidecars.filter((each) => isDone(each) && each.ready && each.state?.terminated === undefined).length;
  const current = pending < 0 ? undefined : statuses[pending];
  const reason = current === undefined ? undefined : initReason(current, `${pending}/${initContainers.length}`);
  return { reason, ready, reached, sidecars };
}

function initReason({ state }: ContainerStatus, progress: string): string {
  if (state?.terminated !== undefined) return `Init:${endReason(state)}`;
  const waiting = state?.waiting?.reason;
  return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${progress}`;
}

/** The reason it ended, or what it ended with. */
function endReason({ terminated }: ContainerState): string {
  if (terminated?.reason) return terminated.reason;
  return terminated?.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated?.exitCode ?? 0}`;
}

type MainSummary = { readonly reason: string | undefined; readonly ready: number };

/** The first container that waits or has ended gives the reason. */
function summariseMain(pod: Pod): MainSummary {
  const statuses = pod.status?.containerStatuses ?? [];
  const running = statuses.filter(
    ({ ready, state }) => ready && state?.running !== undefined && !state.waiting?.reason,
  );
  const reason = statuses.map(({ state }) => mainReason(state)).find((each) => each !== undefined);
  if (reason !== 'Completed' || running.length === 0) return { reason, ready: running.length };
  const isReady = isConditionTrue(pod.status?.conditions, 'Ready');
  return { reason: isReady ? 'Running' : 'NotReady', ready: running.length };
}

function mainReason(state: ContainerState | undefined): string | undefined {
  if (state?.waiting?.reason) return state.waiting.reason;
  return state?.terminated === undefined ? undefined : endReason(state);
}

function lastEnd(statuses: readonly ContainerStatus[]): string | undefined {
  const ends = statuses.flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? []);
  return ends.toSorted((left, right) => Date.parse(left) - Date.parse(right)).at(-1);
}

/** The names and images of containers, for the tables of what makes pods. */
export const containerNames = (containers: readonly Container[]): string =>
  containers.map(({ name }) => name).join(',');

export const containerImages = (containers: readonly Container[]): string =>
  containers.map(({ image = '' }) => image).join(',');
