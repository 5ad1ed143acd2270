/** The cluster as scheduling sees it, in columns that each change keeps up to date; nothing here ever looks at all pods. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { ChangeLog } from './change-log.ts';
import { NodeColumns } from './node-columns.ts';
import { heldDemand, podShape, type Demand, type PodShape } from './pod-shape.ts';
import { Slots } from './slots.ts';

/** Something to try: pods that go, nodes that come or change, pods that come (each with its node). */
export type Edit = {
  readonly removePods?: readonly Pod[];
  readonly removeNodes?: readonly string[];
  readonly setNodes?: readonly Node[];
  readonly setPods?: readonly Pod[];
};

type PodRecord = {
  pod: Pod;
  readonly slot: number;
  readonly shape: PodShape;
  readonly demand: Demand;
  /** Its place among the pods of the slot. */
  index: number;
};

export class ClusterState {
  readonly columns = new NodeColumns();
  /** Every change of what is in a slot. */
  readonly changes = new ChangeLog();
  readonly #slots = new Slots();
  readonly #records = new Map<string, PodRecord>();
  readonly #podsAt: PodRecord[][] = [];
  #nodeCount = 0;
  #nodeVersion = 0;

  /** How many nodes there are. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Above every slot in use; slots below it may be free: their `nodeAt` is undefined. */
  get slotsEnd(): number {
    return this.#slots.end;
  }

  /** Grows whenever a node comes, changes or goes. */
  get nodeVersion(): number {
    return this.#nodeVersion;
  }

  slotOf(nodeName: string): number | undefined {
    const slot = this.#slots.of(nodeName);
    return slot === undefined || this.columns.nodes[slot] === undefined ? undefined : slot;
  }

  nodeAt(slot: number): Node | undefined {
    return this.columns.nodes[slot];
  }

  nameAt(slot: number): string {
    return this.#slots.nameOf(slot);
  }

  podsAt(slot: number): readonly Pod[] {
    return (this.#podsAt[slot] ?? []).map(({ pod }) => pod);
  }

  /** A pod that counts on a node. */
  podOf(uid: string): Pod | undefined {
    return this.#records.get(uid)?.pod;
  }

  setNode(node: Node): void {
    const slot = this.#take(node.metadata.name);
    const before = this.columns.nodes[slot];
    if (before === undefined) this.#nodeCount++;
    this.columns.setNode(slot, node);
    if (before !== undefined && looksTheSame(before, node)) return;
    this.#nodeVersion++;
    this.changes.add(slot);
  }

  removeNode(name: string): void {
    const slot = this.slotOf(name);
    if (slot === undefined) return;
    this.columns.clearNode(slot);
    this.#nodeCount--;
    this.#nodeVersion++;
    this.changes.add(slot);
    this.#giveBack(slot);
  }

  /** Counts the pod on the node that `spec.nodeName` names; a pod that has ended or has no node counts nowhere. */
  setPod(pod: Pod): void {
    const { uid } = pod.metadata;
    const nodeName = pod.spec.nodeName ?? '';
    if (nodeName === '' || isTerminal(pod)) return this.removePod(uid);
    const known = this.#records.get(uid);
    if (known !== undefined && this.nameAt(known.slot) === nodeName && countsTheSame(known.pod, pod)) {
      known.pod = pod;
      return;
    }
    this.removePod(uid);
    this.#add(pod, this.#take(nodeName));
  }

  removePod(uid: string): void {
    const record = this.#records.get(uid);
    if (record === undefined) return;
    this.#records.delete(uid);
    this.#leave(record);
    this.columns.removePod(record.slot, record.shape, record.demand);
    this.changes.add(record.slot);
    this.#giveBack(record.slot);
  }

  /** Shows `look` the state with the edit made, and takes the edit back. */
  whatIf<T>(edit: Edit, look: () => T): T {
    const { removePods = [], removeNodes = [], setNodes = [], setPods = [] } = edit;
    const nodeNames = [...removeNodes, ...setNodes.map(({ metadata }) => metadata.name)];
    const nodesBefore = nodeNames.map((name) => [name, this.#nodeNamed(name)] as const);
    const podIds = [...removePods, ...setPods].map(({ metadata }) => metadata.uid);
    const podsBefore = podIds.map((uid) => [uid, this.podOf(uid)] as const);
    for (const { metadata } of removePods) this.removePod(metadata.uid);
    for (const name of removeNodes) this.removeNode(name);
    for (const node of setNodes) this.setNode(node);
    for (const pod of setPods) this.setPod(pod);
    try {
      return look();
    } finally {
      for (const [uid, pod] of podsBefore) if (pod === undefined) this.removePod(uid);
      for (const [name, node] of nodesBefore) if (node === undefined) this.removeNode(name);
      for (const [, node] of nodesBefore) if (node !== undefined) this.setNode(node);
      for (const [, pod] of podsBefore) if (pod !== undefined) this.setPod(pod);
    }
  }

  #nodeNamed(name: string): Node | undefined {
    const slot = this.slotOf(name);
    return slot === undefined ? undefined : this.nodeAt(slot);
  }

  #take(nodeName: string): number {
    const slot = this.#slots.take(nodeName);
    this.columns.reach(slot);
    return slot;
  }

  #giveBack(slot: number): void {
    if (this.columns.nodes[slot] !== undefined || (this.columns.podCount[slot] ?? 0) > 0) return;
    this.#slots.give(slot);
  }

  #add(pod: Pod, slot: number): void {
    const pods = (this.#podsAt[slot] ??= []);
    const record = { pod, slot, shape: podShape(pod.spec), demand: heldDemand(pod), index: pods.length };
    pods.push(record);
    this.#records.set(pod.metadata.uid, record);
    this.columns.addPod(slot, record.shape, record.demand);
    this.changes.add(slot);
  }

  /** The last pod of the slot takes its place. */
  #leave({ slot, index }: PodRecord): void {
    const pods = this.#podsAt[slot] ?? [];
    const last = pods.pop();
    if (last === undefined || last.index === index) return;
    last.index = index;
    pods[index] = last;
  }
}

/** Heartbeats change a node's status all the time. */
function looksTheSame(before: Node, after: Node): boolean {
  return (
    before.spec === after.spec &&
    before.metadata.labels === after.metadata.labels &&
    before.status?.allocatable === after.status?.allocatable &&
    before.status?.images === after.status?.images
  );
}

/** A status update takes nothing from the node, unless it is about a change of the pod's resources. */
export function countsTheSame(before: Pod, after: Pod): boolean {
  return (
    before.spec === after.spec &&
    before.metadata.labels === after.metadata.labels &&
    (before.metadata.deletionTimestamp === undefined) === (after.metadata.deletionTimestamp === undefined) &&
    !isResizing(before) &&
    !isResizing(after)
  );
}

const isResizing = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type }) => type.startsWith('PodResize')) ?? false;
