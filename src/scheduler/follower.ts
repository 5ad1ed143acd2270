/** Keeps what the scheduler knows true to what the informers show, and wakes the pods that it can help. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import type { PodGroup } from '#api/scheduling/pod-group';
import type { Change } from '#client/informer';
import type { ClusterEvent } from './framework/cluster-event.ts';
import { groupKey, groupKeyOf } from './gangs/gangs.ts';
import type { SchedulerParts } from './parts.ts';
import type { PromisedPods } from './promised-pods.ts';
import { countsTheSame } from './snapshot/cluster-state.ts';

export class Follower {
  readonly #parts: SchedulerParts;
  readonly #promised: PromisedPods;

  constructor(parts: SchedulerParts, promised: PromisedPods) {
    this.#parts = parts;
    this.#promised = promised;
  }

  onNode({ before, after }: Change<Node>): void {
    const { state, queue } = this.#parts;
    if (after === undefined) {
      if (before !== undefined) state.removeNode(before.metadata.name);
      return;
    }
    state.setNode(after);
    if (before === undefined) queue.wake({ kind: 'NodeAdded', node: after });
    else if (matters(before, after)) queue.wake({ kind: 'NodeChanged', before, node: after });
  }

  /** A group that is there now, or that needs fewer pods, may let its pods be tried. */
  onGroup({ before, after }: Change<PodGroup>): void {
    const { gangs, overdue, queue } = this.#parts;
    const { namespace, name } = (after ?? before)?.metadata ?? { name: '' };
    const key = groupKey(namespace, name);
    const waiting = gangs.setGroup(key, after);
    overdue.check(key);
    if (before !== undefined && before.spec === after?.spec) return;
    for (const uid of waiting) queue.recheck(uid);
    queue.activate(waiting);
  }

  onPod(change: Change<Pod>): void {
    const { before, after } = change;
    if (after === undefined || !this.#isMine(after)) return this.#onOther(change);
    const { assumed, gangs, queue } = this.#parts;
    // Between the decision and the news of the binding, older states of the pod must not bring it back.
    if (assumed.has(after.metadata.uid)) return;
    this.#followNomination(before, after);
    const nowEnough = gangs.wait(after);
    this.#checkGang(after);
    queue.set(after);
    for (const uid of nowEnough) queue.recheck(uid);
    // The pod was told the names of claims that were made for it.
    if (before?.status?.resourceClaimStatuses !== after.status?.resourceClaimStatuses)
      queue.recheck(after.metadata.uid);
  }

  #isMine({ spec, metadata }: Pod): boolean {
    if ((spec.nodeName ?? '') !== '' || metadata.deletionTimestamp !== undefined) return false;
    return this.#parts.profiles.has(spec.schedulerName ?? '');
  }

  /** Pods that have a node, go to none any more, or are not ours to place. */
  #onOther({ before, after }: Change<Pod>): void {
    const { queue, nominations, assumed, placed } = this.#parts;
    const uid = (after ?? before)?.metadata.uid ?? '';
    queue.delete(uid);
    nominations.fulfil(uid);
    const wasAssumed = assumed.delete(uid);
    const known = placed.get(uid);
    if (after === undefined) placed.remove(uid);
    else placed.set(after);
    const counts = placed.get(uid);
    this.#followGang(after ?? before, counts);
    const event = eventOf(known, counts, wasAssumed);
    if (event === undefined) return;
    queue.wake(event);
    if (event.kind === 'PodRemoved') this.#promised.podLeft(event.pod.spec.nodeName ?? '');
  }

  #followGang(pod: Pod | undefined, counts: Pod | undefined): void {
    const { gangs, queue } = this.#parts;
    if (counts === undefined) {
      if (pod !== undefined) gangs.leave(pod);
    } else for (const uid of gangs.place(counts)) queue.recheck(uid);
    if (pod !== undefined) this.#checkGang(pod);
  }

  #checkGang(pod: Pod): void {
    const key = groupKeyOf(pod);
    if (key !== undefined) this.#parts.overdue.check(key);
  }

  /** Others may promise nodes to pods, and so did this scheduler before it was started anew. */
  #followNomination(before: Pod | undefined, after: Pod): void {
    const { nominations } = this.#parts;
    const node = after.status?.nominatedNodeName ?? '';
    if (node === (before?.status?.nominatedNodeName ?? '')) return;
    if (node === '') nominations.delete(after.metadata.uid);
    else if (nominations.nodeOf(after.metadata.uid) !== node) nominations.set(after, node);
  }
}

/** What it means to others that a pod counts otherwise than before. One that was only assumed to be on its node is new there. */
function eventOf(known: Pod | undefined, counts: Pod | undefined, wasAssumed: boolean): ClusterEvent | undefined {
  if (counts === undefined) return known === undefined ? undefined : { kind: 'PodRemoved', pod: known };
  if (known === undefined || wasAssumed) return { kind: 'PodAdded', pod: counts };
  return countsTheSame(known, counts) ? undefined : { kind: 'PodChanged', before: known, pod: counts };
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
