/** The thin shell around placing pods: follows the cluster, takes pods from the queue, binds them and says why not. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { PodGroup } from '#api/scheduling/pod-group';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import { onAbort } from '#base/abort';
import { asError, errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Change, Informers } from '#client/informer';
import { type Bind, bindPod, bindThrough } from './binding.ts';
import { ClaimBinder, type PodClaims } from './claims.ts';
import { type RunningProfile, runningProfile } from './config/running-profile.ts';
import { defaultConfig, type SchedulerConfig } from './config/scheduler-config.ts';
import type { SchedulingView } from './explain/explainer.ts';
import { decideWithExtenders, type ScoredNode } from './extenders/decide-with-extenders.ts';
import type { CallExtender } from './extenders/extender.ts';
import { Extenders } from './extenders/extenders.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import { placePod } from './framework/place.ts';
import { explainRefusal, type Refused, refusingPlugins } from './framework/placement.ts';
import type { Plugin, Profile } from './framework/plugin.ts';
import { scoreNodes } from './explain/node-scores.ts';
import { NodeCheck } from './preemption/node-check.ts';
import { Nominations } from './nominations.ts';
import { PlacedPods } from './placed-pods.ts';
import { priorityOf } from './preemption/importance.ts';
import { type Preemption, PreemptionPlanner } from './preemption/preemption-planner.ts';
import { VictimRemoval } from './preemption/victim-removal.ts';
import type { Decision, Refusing } from './decision.ts';
import { type GangOutcome, type GangTry, type Promised, tryGang } from './gangs/gang-cycle.ts';
import { type Gang, GANG_SCHEDULING, Gangs, groupKey } from './gangs/gangs.ts';
import { reportGroup } from './gangs/group-reporting.ts';
import { DEFAULT_PREEMPTION, eventHints, NO_NODES, SCHEDULING_GATES } from './queue/event-hints.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { type Failure, Reporter } from './reporting.ts';
import { ClusterState, countsTheSame } from './snapshot/cluster-state.ts';
import { followSurroundings } from './surroundings.ts';
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

// So long, and for so many pods, everything else in the process waits.
const TURN_MS = 5;
const PODS_PER_TURN = 200;
// More than these on their way to the API would only pile up.
const BINDINGS_AT_MOST = 2000;

/** Schedules until `signal` aborts. */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { informers, signal } = options;
  const scheduler = new Scheduler(options);
  await informers.for(Node).synced;
  using _nodes = informers.for(Node).subscribe((change) => scheduler.onNode(change));
  using _claims = await scheduler.followClaims();
  using _surroundings = await scheduler.followSurroundings();
  await informers.for(PodDisruptionBudget).synced;
  using _budgets = informers.for(PodDisruptionBudget).subscribe(() => scheduler.onBudget());
  await informers.for(PodGroup).synced;
  using _groups = informers.for(PodGroup).subscribe((change) => scheduler.onGroup(change));
  await informers.for(Pod).synced;
  using _pods = informers.for(Pod).subscribe((change) => scheduler.onPod(change));
  options.onView?.(scheduler.view());
  await scheduler.run(signal);
}

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #profiles: ReadonlyMap<string, RunningProfile>;
  readonly #reporter: Reporter;
  readonly #extenders: Extenders;
  readonly #bind: Bind;
  readonly #state: ClusterState;
  readonly #placed: PlacedPods;
  readonly #nominations: Nominations;
  readonly #gangs = new Gangs();
  readonly #planner = new PreemptionPlanner();
  readonly #removal: VictimRemoval;
  readonly #claims: ClaimBinder;
  readonly #queue: SchedulingQueue<ClusterEvent>;
  /** Pods that were given a node which the informer does not show yet. */
  readonly #assumed = new Set<string>();
  #budgets: readonly PodDisruptionBudget[] | undefined;
  #bindings = 0;
  /** What the extenders are being asked. Nobody else is placed meanwhile. */
  #asking: Promise<void> | undefined;
  #wakeUp: () => void = () => undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#state = new ClusterState(storageView(options.informers));
    this.#placed = new PlacedPods(this.#state);
    this.#nominations = new Nominations(this.#placed);
    const config = options.config ?? defaultConfig();
    this.#profiles = new Map(config.profiles.map((profile) => [profile.schedulerName, runningProfile(profile)]));
    this.#reporter = new Reporter(options);
    this.#extenders = new Extenders({ ...options, configs: config.extenders, call: options.callExtender });
    this.#bind = bindThrough(options.client, this.#extenders);
    this.#removal = new VictimRemoval({ ...options, reporter: this.#reporter });
    this.#claims = new ClaimBinder({
      ...options,
      looksAtDevices: (pod) => this.#profileOf(pod)?.looksAtDevices === true,
    });
    this.#queue = new SchedulingQueue<ClusterEvent>({
      world: options.world,
      backoff: config.backoff,
      onActive: () => this.#wakeUp(),
      ...eventHints((pod) => this.#profileOf(pod)?.profile),
      heldBackBy: (pod) => this.#heldBackBy(pod),
    });
  }

  followClaims(): Promise<Disposable> {
    return this.#claims.follow((event) => this.#queue.wake(event));
  }

  followSurroundings(): Promise<Disposable> {
    return followSurroundings(this.#options.informers, this.#state, (event) => this.#queue.wake(event));
  }

  onNode({ before, after }: Change<Node>): void {
    if (after === undefined) {
      if (before !== undefined) this.#state.removeNode(before.metadata.name);
      return;
    }
    this.#state.setNode(after);
    if (before === undefined) this.#queue.wake({ kind: 'NodeAdded', node: after });
    else if (matters(before, after)) this.#queue.wake({ kind: 'NodeChanged', before, node: after });
  }

  /** They are listed when the next pod asks for them. */
  onBudget(): void {
    this.#budgets = undefined;
  }

  /** A group that is there now, or that needs fewer pods, may let its pods be tried. */
  onGroup({ before, after }: Change<PodGroup>): void {
    const { namespace, name } = (after ?? before)?.metadata ?? { name: '' };
    const waiting = this.#gangs.setGroup(groupKey(namespace, name), after);
    if (before !== undefined && before.spec === after?.spec) return;
    for (const uid of waiting) this.#queue.recheck(uid);
    this.#queue.activate(waiting);
  }

  onPod(change: Change<Pod>): void {
    const { before, after } = change;
    if (after === undefined || !this.#isMine(after)) return this.#onOther(change);
    // Between the decision and the news of the binding, older states of the pod must not bring it back.
    if (this.#assumed.has(after.metadata.uid)) return;
    this.#followNomination(before, after);
    const nowEnough = this.#gangs.wait(after);
    this.#queue.set(after);
    for (const uid of nowEnough) this.#queue.recheck(uid);
    // The pod was told the names of claims that were made for it.
    if (before?.status?.resourceClaimStatuses !== after.status?.resourceClaimStatuses)
      this.#queue.recheck(after.metadata.uid);
  }

  /** Pods that have a node, go to none any more, or are not ours to place. */
  #onOther({ before, after }: Change<Pod>): void {
    const uid = (after ?? before)?.metadata.uid ?? '';
    this.#queue.delete(uid);
    this.#nominations.fulfil(uid);
    const wasAssumed = this.#assumed.delete(uid);
    const known = this.#placed.get(uid);
    if (after === undefined) this.#placed.remove(uid);
    else this.#placed.set(after);
    const counts = this.#placed.get(uid);
    this.#followGang(after ?? before, counts);
    const event = eventOf(known, counts, wasAssumed);
    if (event === undefined) return;
    this.#queue.wake(event);
    if (event.kind === 'PodRemoved') this.#callPromised(event.pod.spec.nodeName ?? '');
  }

  /** Those for whom the node was cleared need not sit out a back-off, once they fit there. */
  #callPromised(node: string): void {
    const ready = this.#nominations
      .on(node)
      .filter((pod) => this.#inViewOf(pod, (profile) => this.#fitsOn(pod, node, profile)) === true);
    this.#queue.activate(ready.map(({ metadata }) => metadata.uid));
  }

  #followGang(pod: Pod | undefined, counts: Pod | undefined): void {
    if (counts === undefined) {
      if (pod !== undefined) this.#gangs.leave(pod);
    } else for (const uid of this.#gangs.place(counts)) this.#queue.recheck(uid);
  }

  view(): SchedulingView {
    return {
      state: this.#state,
      schedulerNames: [...this.#profiles.keys()],
      profileFor: (pod) => this.#profileNow(pod),
      waiting: () => this.#queue.refused(),
    };
  }

  /** With what its claims have to say of nodes, or of the pod as such. */
  #profileNow(pod: Pod): Profile | undefined {
    const profile = this.#profileOf(pod)?.profile;
    if (profile === undefined) return undefined;
    const { filters, because } = this.#claims.plan(pod);
    if (because === undefined) return filters.length === 0 ? profile : withFilters(profile, filters);
    const { plugin, text, resolvable } = because;
    return withFilters(profile, [{ name: plugin, filter: () => ({ because: text, resolvable }) }]);
  }

  async run(signal: AbortSignal): Promise<void> {
    using _queue = this.#queue;
    using _stop = onAbort(signal, () => this.#wakeUp());
    while (!signal.aborted) {
      if (this.#bindings >= BINDINGS_AT_MOST) await this.#untilWoken();
      else if (this.#scheduleSome()) await (this.#asking ?? nextTurn());
      else await this.#untilWoken();
    }
  }

  /** Returns whether pods may be left to try. */
  #scheduleSome(): boolean {
    const { clock } = this.#options.world;
    const endMs = clock.now() + TURN_MS;
    for (let left = PODS_PER_TURN; left > 0 && clock.now() <= endMs; left--) {
      const pod = this.#queue.pop();
      if (pod === undefined) return false;
      this.#try(pod);
      if (this.#asking !== undefined) return true;
    }
    return true;
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
    });
  }

  #isMine({ spec, metadata }: Pod): boolean {
    if ((spec.nodeName ?? '') !== '' || metadata.deletionTimestamp !== undefined) return false;
    return this.#profiles.has(spec.schedulerName ?? '');
  }

  #profileOf({ spec }: Pod): RunningProfile | undefined {
    return this.#profiles.get(spec.schedulerName ?? '');
  }

  #heldBackBy(pod: Pod): string | undefined {
    const isGated = (pod.spec.schedulingGates ?? []).length > 0;
    if (isGated && this.#profileOf(pod)?.respectsGates === true) return SCHEDULING_GATES;
    if (this.#profileOf(pod)?.respectsGangs === true && this.#gangs.hasToWait(pod)) return GANG_SCHEDULING;
    return this.#removal.isPreempting(pod.metadata.uid) ? DEFAULT_PREEMPTION : this.#claims.heldBackBy(pod);
  }

  /** Others may promise nodes to pods, and so did this scheduler before it was started anew. */
  #followNomination(before: Pod | undefined, after: Pod): void {
    const node = after.status?.nominatedNodeName ?? '';
    if (node === (before?.status?.nominatedNodeName ?? '')) return;
    if (node === '') this.#nominations.delete(after.metadata.uid);
    else if (this.#nominations.nodeOf(after.metadata.uid) !== node) this.#nominations.set(after, node);
  }

  /** A pod that cannot be thought about holds up no other. */
  #try(pod: Pod): void {
    try {
      this.#schedule(pod);
    } catch (error) {
      this.#failedToDecide(pod, error);
    }
  }

  #failedToDecide(pod: Pod, error: unknown): void {
    const { uid, namespace, name } = pod.metadata;
    this.#options.logger.warn('cannot schedule a pod', { pod: `${namespace}/${name}`, error: asError(error) });
    this.#reporter.failed(pod, { message: errorMessage(error), reason: 'SchedulerError' });
    this.#queue.retry(uid);
  }

  #schedule(pod: Pod): void {
    const gang = this.#gangs.gangOf(pod);
    if (gang !== undefined && this.#profileOf(pod)?.respectsGangs === true) return this.#scheduleGang(pod, gang);
    if (this.#extenders.concern(pod)) this.#asking = this.#scheduleExtended(pod);
    else this.#act(pod, this.#decide(pod));
  }

  async #scheduleExtended(pod: Pod): Promise<void> {
    const { uid } = pod.metadata;
    try {
      const decision = await decideWithExtenders(pod, {
        extenders: this.#extenders,
        candidates: () => this.#candidatesFor(pod),
        decide: (_pod, also) => this.#decide(pod, also),
        claimsOf: () => this.#claims.plan(pod),
        promisedNode: () => this.#nominations.nodeOf(uid),
        fits: (_pod, node) => this.#inViewOf(pod, (profile) => this.#fitsOn(pod, node, profile)) === true,
        draw: this.#options.world.random,
      });
      if (!this.#queue.has(uid)) return;
      if (decision === undefined) this.#queue.retry(uid);
      else this.#act(pod, decision);
    } catch (error) {
      if (!this.#options.signal.aborted) this.#failedToDecide(pod, error);
    } finally {
      this.#asking = undefined;
    }
  }

  #candidatesFor(pod: Pod): readonly ScoredNode[] {
    const scored = this.#inViewOf(pod, (profile) => scoreNodes(this.#state, profile, pod)) ?? [];
    return scored.flatMap(({ node: name, total }) => {
      const slot = this.#state.slotOf(name);
      const node = slot === undefined ? undefined : this.#state.nodeAt(slot);
      return node === undefined ? [] : [{ node, total }];
    });
  }

  /** Shows the state without what does not count for the pod, and the profile that places it now. */
  #inViewOf<T>(pod: Pod, look: (profile: Profile) => T): T | undefined {
    const profile = this.#profileNow(pod);
    if (profile === undefined) return undefined;
    return this.#state.whatIf({ removePods: this.#nominations.outOfTheWayOf(pod) }, () => look(profile));
  }

  #act(pod: Pod, decision: Decision): void {
    if (decision.kind === 'place') void this.#place(pod, decision.node, decision.claims);
    else this.#refuse(pod, decision);
  }

  /** All that wait are tried together, whoever's turn it is. */
  #scheduleGang(first: Pod, gang: Gang): void {
    // Until all victims have been told, they would be chosen anew.
    if ([...gang.waiting].some((uid) => this.#removal.isPreempting(uid))) return this.#queue.retry(first.metadata.uid);
    const others = [...gang.waiting].flatMap((uid) => this.#queue.take(uid) ?? []);
    const parts = { placed: this.#placed, nominations: this.#nominations, decide: (pod: Pod) => this.#decide(pod) };
    const members = [first, ...others];
    try {
      const outcome = tryGang(gang, members, parts);
      void reportGroup(this.#options, gang.group, outcome.kind === 'place' ? undefined : outcome.message);
      this.#actOnGang(members, outcome);
    } catch (error) {
      for (const pod of members) this.#failedToDecide(pod, error);
    }
  }

  #actOnGang(members: readonly Pod[], outcome: GangOutcome): void {
    if (outcome.kind === 'place') {
      for (const { pod, decision } of outcome.tries) this.#act(pod, decision);
      return;
    }
    if (outcome.kind === 'clear') this.#clearForGang(outcome.promised);
    else if (!this.#waitsForVictims(outcome.tries))
      for (const { metadata } of members) this.#nominations.delete(metadata.uid);
    const refusals = new Map(outcome.tries.map(({ pod, decision }) => [pod, decision]));
    for (const pod of members) {
      const { uid } = pod.metadata;
      const decision = refusals.get(pod);
      const nominatedNode = this.#nominations.nodeOf(uid) ?? '';
      if (decision?.kind === 'refuse') {
        this.#queue.setAside(uid, refusers(decision.refused));
        this.#reporter.failed(pod, { message: explainRefusal(decision.refused), nominatedNode });
      } else {
        // It would have a place, were there places enough for its gang.
        this.#queue.setAside(uid, new Set([GANG_SCHEDULING]));
        this.#reporter.failed(pod, { message: outcome.message, nominatedNode });
      }
    }
  }

  /** Then the gang keeps what it was promised; otherwise it holds nothing. */
  #waitsForVictims(tries: readonly GangTry[]): boolean {
    return tries.some(({ pod, decision }) => {
      if (decision.kind === 'place' || decision.preemption?.kind !== 'none') return false;
      return decision.preemption.nomination === 'keep' && this.#nominations.nodeOf(pod.metadata.uid) !== undefined;
    });
  }

  /** Every pod is promised its node, so that nobody takes the place of one while others are being made. */
  #clearForGang(promised: readonly Promised[]): void {
    for (const { pod, node } of promised) this.#nominations.set(pod, node);
    for (const { pod, cleared } of promised) if (cleared !== undefined) void this.#clear(pod, cleared);
  }

  /** Neither its own promise nor those of pods that matter less are in its way. */
  #decide(pod: Pod, more: readonly Plugin[] = []): Decision {
    const running = this.#profileOf(pod);
    if (running === undefined)
      throw new Error(`Cannot place a pod of ${String(pod.spec.schedulerName)}: no such profile`);
    const removePods = this.#nominations.outOfTheWayOf(pod);
    const decide = (): Decision => this.#decideInView(pod, running, more);
    return removePods.length === 0 ? decide() : this.#state.whatIf({ removePods }, decide);
  }

  #decideInView(pod: Pod, running: RunningProfile, more: readonly Plugin[]): Decision {
    const claims = this.#claims.plan(pod);
    const { filters, because } = claims;
    const also = more.length === 0 ? filters : [...filters, ...more];
    if (because !== undefined)
      return {
        ...this.#refusal(pod, running, { placed: false, nodeCount: this.#state.nodeCount, groups: [], because }),
        claims,
      };
    const profile = also.length === 0 ? running.profile : withFilters(running.profile, also);
    const promised = this.#promisedNode(pod, profile);
    if (promised !== undefined) return { kind: 'place', node: promised, claims };
    const placement = placePod(this.#state, pod, {
      profile: running.profile,
      also,
      draw: this.#options.world.random(),
    });
    if (placement.placed) return { kind: 'place', node: placement.node, claims };
    return { ...this.#refusal(pod, { ...running, profile }, placement), claims };
  }

  /** The node that was cleared for the pod, once it fits there. */
  #promisedNode(pod: Pod, profile: Profile): string | undefined {
    const node = this.#nominations.nodeOf(pod.metadata.uid);
    return node !== undefined && this.#fitsOn(pod, node, profile) ? node : undefined;
  }

  #fitsOn(pod: Pod, node: string, profile: Profile): boolean {
    const slot = this.#state.slotOf(node);
    if (slot === undefined) return false;
    const check = new NodeCheck(this.#state, profile, pod);
    const fits = check.refused === undefined && check.verdict(slot) === undefined;
    check.release();
    return fits;
  }

  #refusal(pod: Pod, { profile, preemption: args }: RunningProfile, refused: Refused): Omit<Refusing, 'claims'> {
    if (args === undefined || refused.nodeCount === 0) return { kind: 'refuse', refused, preemption: undefined };
    const preemption = this.#planner.plan({
      state: this.#state,
      profile,
      pod,
      budgets: (this.#budgets ??= this.#options.informers.for(PodDisruptionBudget).list()),
      refused,
      args,
      lowestPriority: this.#placed.lowestPriority,
      draw: this.#options.world.random(),
    });
    return { kind: 'refuse', refused, preemption };
  }

  /** The node counts the pod from now on; the API hears of it meanwhile. */
  async #place(pod: Pod, nodeName: string, claims: PodClaims): Promise<void> {
    const { uid } = pod.metadata;
    this.#assumed.add(uid);
    this.#queue.decided(uid);
    this.#nominations.fulfil(uid);
    this.#placed.assume(pod, nodeName);
    this.#gangs.place(pod);
    this.#bindings++;
    const decidedMs = this.#options.world.clock.now();
    try {
      const slot = this.#state.slotOf(nodeName);
      const node = slot === undefined ? undefined : this.#state.nodeAt(slot);
      if (node !== undefined) {
        const held = this.#claims.hold(pod, claims, node);
        await bindPod({ pod, held }, this.#claims, this.#bind);
      }
      this.#reporter.scheduled(pod, nodeName, decidedMs);
    } catch (error) {
      this.#notPlaced(pod, nodeName, error);
    } finally {
      if (this.#bindings-- === BINDINGS_AT_MOST) this.#wakeUp();
    }
  }

  #notPlaced(pod: Pod, nodeName: string, error: unknown): void {
    const { uid, namespace, name } = pod.metadata;
    if (this.#options.signal.aborted) return;
    if (!this.#assumed.delete(uid)) return; // gone, or bound by now: the informer has told the rest
    const assumed = this.#placed.get(uid);
    this.#placed.remove(uid);
    this.#gangs.wait(pod);
    this.#queue.retry(uid);
    if (assumed !== undefined) this.#queue.wake({ kind: 'PodRemoved', pod: assumed });
    if (isApiError(error, 'NotFound', 'Conflict')) return; // the informer is about to tell why
    this.#options.logger.warn('cannot bind a pod', {
      pod: `${namespace}/${name}`,
      node: nodeName,
      error: asError(error),
    });
  }

  #refuse(pod: Pod, { refused, claims, preemption }: Refusing): void {
    const { uid } = pod.metadata;
    this.#queue.setAside(uid, refusers(refused));
    const why = explainRefusal(refused);
    this.#reporter.failed(pod, this.#failure(pod, why, preemption));
    if (preemption?.kind === 'clear') void this.#clear(pod, preemption.candidate);
    if (claims.devices !== undefined) void this.#giveBack(pod, claims);
  }

  /** Devices that no node reaches keep nobody from better ones. */
  async #giveBack(pod: Pod, claims: PodClaims): Promise<void> {
    try {
      await this.#claims.giveBack(pod, claims, this.#options.informers.for(Node).list());
    } catch (error) {
      if (this.#options.signal.aborted || isApiError(error, 'NotFound', 'Conflict')) return;
      this.#options.logger.warn('cannot give devices back', { pod: pod.metadata.name, error: asError(error) });
    }
  }

  #failure(pod: Pod, why: string, preemption: Preemption | undefined): Failure {
    const { uid } = pod.metadata;
    if (preemption === undefined) return { message: why };
    if (preemption.kind === 'clear') return { message: why, nominatedNode: preemption.candidate.node };
    const message = `${why} ${preemption.message}`;
    if (preemption.nomination === 'keep') return { message };
    this.#nominations.delete(uid);
    return { message, nominatedNode: '' };
  }

  /** The node counts the pod from now on, so that nobody who matters less takes what becomes free. */
  async #clear(pod: Pod, candidate: Extract<Preemption, { kind: 'clear' }>['candidate']): Promise<void> {
    const { uid } = pod.metadata;
    const others = this.#nominations.lowerOn(candidate.node, priorityOf(pod));
    for (const other of others) this.#unnominate(other);
    this.#nominations.set(pod, candidate.node);
    const areAsked = await this.#removal.remove(pod, candidate);
    this.#queue.recheck(uid);
    if (!areAsked) this.#queue.activate([uid]);
  }

  /** What the pod waited for goes to another: it looks for a node of its own at once. */
  #unnominate(pod: Pod): void {
    this.#nominations.delete(pod.metadata.uid);
    this.#reporter.unnominated(pod);
    this.#queue.activate([pod.metadata.uid]);
  }
}

/** What it means to others that a pod counts otherwise than before. One that was only assumed to be on its node is new there. */
function eventOf(known: Pod | undefined, counts: Pod | undefined, wasAssumed: boolean): ClusterEvent | undefined {
  if (counts === undefined) return known === undefined ? undefined : { kind: 'PodRemoved', pod: known };
  if (known === undefined || wasAssumed) return { kind: 'PodAdded', pod: counts };
  return countsTheSame(known, counts) ? undefined : { kind: 'PodChanged', before: known, pod: counts };
}

const refusers = (refused: Refused): ReadonlySet<string> =>
  refused.nodeCount === 0 ? new Set([NO_NODES]) : refusingPlugins(refused);

const withFilters = (profile: Profile, also: readonly Plugin[]): Profile => ({
  ...profile,
  filters: [...profile.filters, ...also],
});

/** Heartbeats change a node's status all the time; only what a filter looks at can make a pod fit. */
function matters(before: Node, after: Node): boolean {
  return (
    before.spec !== after.spec ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.annotations !== after.metadata.annotations ||
    before.status?.allocatable !== after.status?.allocatable
  );
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
