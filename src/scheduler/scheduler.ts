/** The thin shell around planning a placement: follows the cluster, takes pods from the queue, binds them and says why not. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isTerminal, podCondition } from '#api/core/pod-state';
import { isApiError } from '#api/errors';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { refOf } from '#api/object';
import { onAbort } from '#base/abort';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import { createEventRecorder, type EventRecorder } from '#client/event-recorder';
import type { Change, Informers } from '#client/informer';
import type { ClusterEvent } from './framework/cluster-event.ts';
import { placePod } from './framework/place.ts';
import { explainRefusal, type Refused, refusingPlugins } from './framework/placement.ts';
import type { Profile } from './framework/plugin.ts';
import { defaultProfile } from './plugins/default-profile.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { ClusterState, countsTheSame } from './snapshot/cluster-state.ts';
import type { PodVolumes } from './volumes/plan-volumes.ts';
import { VOLUME_BINDING, VolumeBinder, wakesForStorage } from './volumes/volume-binder.ts';

export type SchedulerOptions = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly profile?: Profile;
};

// Between two such runs other work of the process gets its turn.
const PODS_PER_TURN = 50;

const SCHEDULING_GATES = 'SchedulingGates';
/** What refuses a pod when there is no node that could. */
const NO_NODES = '';

/** Schedules until `signal` aborts. */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { informers, signal } = options;
  const scheduler = new Scheduler(options);
  await informers.for(Node).synced;
  using _nodes = informers.for(Node).subscribe((change) => scheduler.onNode(change));
  using _storage = await scheduler.followStorage();
  await informers.for(Pod).synced;
  using _pods = informers.for(Pod).subscribe((change) => scheduler.onPod(change));
  await scheduler.run(signal);
}

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #profile: Profile;
  readonly #events: EventRecorder;
  readonly #state = new ClusterState();
  readonly #volumes: VolumeBinder;
  readonly #queue: SchedulingQueue<ClusterEvent>;
  /** Pods that were given a node which the informer does not show yet. */
  readonly #assumed = new Set<string>();
  #wakeUp: () => void = () => undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#profile = options.profile ?? defaultProfile;
    this.#volumes = new VolumeBinder(options);
    this.#events = createEventRecorder({ ...options, component: this.#profile.schedulerName });
    this.#queue = new SchedulingQueue<ClusterEvent>({
      world: options.world,
      onActive: () => this.#wakeUp(),
      helps: wakingPlugins(this.#profile),
      heldBackBy: ({ spec }) => ((spec.schedulingGates ?? []).length > 0 ? SCHEDULING_GATES : undefined),
    });
  }

  followStorage(): Promise<Disposable> {
    return this.#volumes.follow(() => this.#wake({ kind: 'StorageChanged' }));
  }

  onNode({ before, after }: Change<Node>): void {
    if (after === undefined) {
      if (before !== undefined) this.#state.removeNode(before.metadata.name);
      return;
    }
    this.#state.setNode(after);
    if (before === undefined) this.#wake({ kind: 'NodeAdded', node: after });
    else if (matters(before, after)) this.#wake({ kind: 'NodeChanged', before, node: after });
  }

  onPod({ before, after }: Change<Pod>): void {
    const pod = after ?? before;
    if (pod === undefined) return;
    const { uid } = pod.metadata;
    if (after !== undefined && this.#isMine(after)) {
      // Between the decision and the news of the binding, older states of the pod must not bring it back.
      if (!this.#assumed.has(uid)) this.#queue.set(after);
      return;
    }
    this.#queue.delete(uid);
    this.#assumed.delete(uid);
    const known = this.#state.podOf(uid);
    if (after === undefined) this.#state.removePod(uid);
    else this.#state.setPod(after);
    if (after === undefined || isTerminal(after)) this.#wake({ kind: 'PodRemoved', pod });
    else if (known === undefined) this.#wake({ kind: 'PodAdded', pod });
    else if (!countsTheSame(known, pod)) this.#wake({ kind: 'PodChanged', before: known, pod });
  }

  async run(signal: AbortSignal): Promise<void> {
    using _queue = this.#queue;
    using _stop = onAbort(signal, () => this.#wakeUp());
    while (!signal.aborted) {
      if (this.#scheduleSome()) await nextTurn();
      else await this.#untilActive();
    }
  }

  /** Returns whether pods may be left to try. */
  #scheduleSome(): boolean {
    for (let left = PODS_PER_TURN; left > 0; left--) {
      const pod = this.#queue.pop();
      if (pod === undefined) return false;
      this.#schedule(pod);
    }
    return true;
  }

  #untilActive(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
    });
  }

  #isMine({ spec, metadata }: Pod): boolean {
    if ((spec.nodeName ?? '') !== '' || metadata.deletionTimestamp !== undefined) return false;
    return spec.schedulerName === this.#profile.schedulerName;
  }

  #schedule(pod: Pod): void {
    const volumes = this.#volumes.plan(pod);
    if (volumes?.refused !== undefined) {
      const because = { plugin: VOLUME_BINDING, text: volumes.refused, resolvable: false };
      void this.#refuse(pod, { placed: false, nodeCount: this.#state.nodeCount, groups: [], because });
      return;
    }
    const profile = volumes === undefined ? this.#profile : this.#withVolumes(volumes);
    const placement = placePod(this.#state, profile, pod, { draw: this.#options.world.random() });
    if (placement.placed) void this.#bind(pod, placement.node, volumes);
    else void this.#refuse(pod, placement);
  }

  #withVolumes(volumes: PodVolumes): Profile {
    return { ...this.#profile, filters: [...this.#profile.filters, this.#volumes.filter(volumes)] };
  }

  /** The node counts the pod from now on; the API hears of it meanwhile. */
  async #bind(pod: Pod, nodeName: string, volumes: PodVolumes | undefined): Promise<void> {
    const { uid, name, namespace } = pod.metadata;
    this.#assumed.add(uid);
    this.#queue.decided(uid);
    this.#state.setPod({ ...pod, spec: { ...pod.spec, nodeName } });
    try {
      const node = this.#options.informers.for(Node).get({ name: nodeName });
      if (volumes !== undefined && node !== undefined) await this.#volumes.bind(volumes, node);
      await this.#options.client.createSubresource(Pod, {
        ref: refOf(pod),
        subresource: 'binding',
        body: {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name, namespace, uid },
          target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
        },
      });
      const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
      this.#events.report(pod, { type: 'Normal', reason: 'Scheduled', message });
    } catch (error) {
      if (this.#options.signal.aborted) return;
      if (!this.#assumed.delete(uid)) return; // gone, or bound by now: the informer has told the rest
      this.#state.removePod(uid);
      this.#queue.retry(uid);
      if (isApiError(error, 'NotFound', 'Conflict')) return; // the informer is about to tell why
      this.#options.logger.warn('cannot bind a pod', {
        pod: `${namespace}/${name}`,
        node: nodeName,
        error: asError(error),
      });
    }
  }

  async #refuse(pod: Pod, placement: Refused): Promise<void> {
    const { uid } = pod.metadata;
    this.#queue.setAside(uid, refusers(placement));
    const message = explainRefusal(placement);
    this.#events.report(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    try {
      await this.#reportUnschedulable(pod, message);
    } catch (error) {
      if (isApiError(error, 'NotFound', 'Conflict')) return; // it changed: its next try reports anew
      this.#options.logger.warn('cannot report an unschedulable pod', {
        pod: pod.metadata.name,
        error: asError(error),
      });
    }
  }

  async #reportUnschedulable(pod: Pod, message: string): Promise<void> {
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: formatTime(this.#options.world.clock.now()),
    };
    const known = podCondition(pod, 'PodScheduled');
    if (known?.status === 'False' && known.reason === condition.reason && known.message === message) return;
    const conditions = setCondition(pod.status?.conditions, condition);
    await this.#options.client.update(
      Pod,
      { ...pod, status: { ...pod.status, conditions } },
      { subresource: 'status' },
    );
  }

  #wake(event: ClusterEvent): void {
    this.#queue.wake(event);
  }
}

function wakingPlugins({ filters }: Profile): (plugin: string, event: ClusterEvent, pod: Pod) => boolean {
  const wakes = new Map(filters.map((plugin) => [plugin.name, plugin.wakes ?? (() => true)]));
  wakes.set(VOLUME_BINDING, wakesForStorage);
  wakes.set(NO_NODES, ({ kind }) => kind === 'NodeAdded');
  return (plugin, event, pod) => wakes.get(plugin)?.(event, pod) ?? false;
}

function refusers(placement: Refused): ReadonlySet<string> {
  return placement.nodeCount === 0 ? new Set([NO_NODES]) : refusingPlugins(placement);
}

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
