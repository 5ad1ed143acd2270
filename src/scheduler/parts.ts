/** What a scheduler consists of, put together: what it knows, who waits, and whom it tells. */
import type { Pod } from '#api/core/pod';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Informers } from '#client/informer';
import { Bell } from './bell.ts';
import { ClaimBinder } from './claims.ts';
import { defaultConfig, type SchedulerConfig } from './config/scheduler-config.ts';
import { type RunningProfile, runningProfile } from './config/running-profile.ts';
import type { SchedulingView } from './explain/explainer.ts';
import type { CallExtender } from './extenders/extender.ts';
import { Extenders } from './extenders/extenders.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import { GANG_SCHEDULING, Gangs } from './gangs/gangs.ts';
import { OverdueGangs } from './gangs/overdue.ts';
import { Nominations } from './nominations.ts';
import { PlacedPods } from './placed-pods.ts';
import { VictimRemoval } from './preemption/victim-removal.ts';
import { DEFAULT_PREEMPTION, eventHints, SCHEDULING_GATES } from './queue/event-hints.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { Reporter } from './reporting.ts';
import { ClusterState } from './snapshot/cluster-state.ts';
import { storageView } from './volumes/storage-view.ts';

export type SchedulerOptions = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly config?: SchedulerConfig;
  /** How extenders are reached; needed when there are any. */
  readonly callExtender?: CallExtender;
  /** Called once the scheduler knows the cluster, with what others may look at. */
  readonly onView?: (view: SchedulingView) => void;
};

export type SchedulerParts = SchedulerOptions & {
  readonly profiles: ReadonlyMap<string, RunningProfile>;
  /** Undefined for pods that others place. */
  readonly profileOf: (pod: Pod) => RunningProfile | undefined;
  readonly state: ClusterState;
  readonly placed: PlacedPods;
  readonly nominations: Nominations;
  readonly gangs: Gangs;
  readonly overdue: OverdueGangs;
  readonly claims: ClaimBinder;
  readonly extenders: Extenders;
  readonly removal: VictimRemoval;
  readonly reporter: Reporter;
  readonly queue: SchedulingQueue<ClusterEvent>;
  /** Pods that were given a node which the informer does not show yet. */
  readonly assumed: Set<string>;
  /** Rings when there is something to do. */
  readonly bell: Bell;
};

export function schedulerParts(options: SchedulerOptions): SchedulerParts {
  const config = options.config ?? defaultConfig();
  const profiles = new Map(config.profiles.map((profile) => [profile.schedulerName, runningProfile(profile)]));
  const profileOf = ({ spec }: Pod): RunningProfile | undefined => profiles.get(spec.schedulerName ?? '');
  const state = new ClusterState(storageView(options.informers));
  const placed = new PlacedPods(state);
  const reporter = new Reporter(options);
  const known = {
    profileOf,
    gangs: new Gangs(),
    removal: new VictimRemoval({ ...options, reporter }),
    claims: new ClaimBinder({ ...options, rulesOf: (pod) => profileOf(pod)?.claims }),
  };
  const bell = new Bell();
  const queue = new SchedulingQueue<ClusterEvent>({
    world: options.world,
    backoff: config.backoff,
    onActive: () => bell.ring(),
    ...eventHints((pod) => profileOf(pod)?.profile),
    heldBackBy: (pod) => heldBackBy(pod, known),
  });
  return {
    ...options,
    ...known,
    profiles,
    state,
    placed,
    reporter,
    overdue: new OverdueGangs(options, known.gangs),
    nominations: new Nominations(placed),
    extenders: new Extenders({ ...options, configs: config.extenders, call: options.callExtender }),
    queue,
    assumed: new Set(),
    bell,
  };
}

type Known = Pick<SchedulerParts, 'profileOf' | 'gangs' | 'removal' | 'claims'>;

/** The plugin that does not want the pod to be tried yet. */
function heldBackBy(pod: Pod, { profileOf, gangs, removal, claims }: Known): string | undefined {
  const isGated = (pod.spec.schedulingGates ?? []).length > 0;
  if (isGated && profileOf(pod)?.respectsGates === true) return SCHEDULING_GATES;
  if (profileOf(pod)?.respectsGangs === true && gangs.hasToWait(pod)) return GANG_SCHEDULING;
  return removal.isPreempting(pod.metadata.uid) ? DEFAULT_PREEMPTION : claims.heldBackBy(pod);
}
