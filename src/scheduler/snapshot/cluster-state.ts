/** The cluster as scheduling sees it, in columns that each change keeps up to date; nothing here ever looks at all pods. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import type { Labels } from '#api/meta/label-selector';
import { AffinityHolders, type HeldTerm } from './affinity-holders.ts';
import { ChangeLog } from './change-log.ts';
import { ClaimUsers } from './claim-users.ts';
import { LabelKeys } from './label-keys.ts';
import { NodeColumns } from './node-columns.ts';
import { NodeImages } from './node-images.ts';
import { PodMatchers } from './pod-matchers.ts';
import { heldDemand, podShape, type Demand, type PodShape } from './pod-shape.ts';
import { matchesTerm, type PodTerm } from './pod-term.ts';
import { SelectorSources } from './selector-sources.ts';
import { Slots } from './slots.ts';
import { NO_STORAGE, type StorageView } from './storage-view.ts';
import { Topologies, type Topology } from './topologies.ts';

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
  /** Those among them that concern the node itself. */
  readonly nodeChanges = new ChangeLog(2 ** 12);
  readonly labelKeys = new LabelKeys();
  /** Selectors of services and owners. */
  readonly sources = new SelectorSources(this.labelKeys);
  readonly images = new NodeImages();
  readonly claimUsers = new ClaimUsers();
  readonly storage: StorageView;
  readonly #namespaces = new Map<string, Labels>();
  readonly #labelsOf = (namespace: string): Labels => this.#namespaces.get(namespace);
  readonly matchers = new PodMatchers(this.#labelsOf);
  readonly holders = new AffinityHolders(this.labelKeys, this.#labelsOf);
  readonly #topologies = new Topologies();
  readonly #slots = new Slots();
  readonly #records = new Map<string, PodRecord>();
  readonly #podsAt: PodRecord[][] = [];
  #nodeCount = 0;
  #epoch = 0;

  constructor(storage: StorageView = NO_STORAGE) {
    this.storage = storage;
  }

  /** How many nodes there are. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Above every slot in use; slots below it may be free: their `nodeAt` is undefined. */
  get slotsEnd(): number {
    return this.#slots.end;
  }

  /** Grows when something changed that no slot tells of: what was kept by domain starts anew. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The domains of nodes by one of their labels. */
  topology(key: string): Topology {
    return this.#topologies.get(key, this.columns.nodes, this.columns.capacity);
  }

  /** The terms about other pods, held by pods with a node, that mean this one. As long as they are the same, so is the list. */
  termsAbout({ metadata: { namespace = '', labels } }: Pod): readonly HeldTerm[] {
    return this.holders.about({ namespace, labels }, this.labelKeys.textOf(labels, []));
  }

  isMeant(term: PodTerm, { metadata: { namespace = '', labels } }: Pod): boolean {
    return matchesTerm(term, { namespace, labels }, this.#labelsOf);
  }

  setNamespace(name: string, labels: Labels): void {
    this.#relabel(name, labels);
  }

  removeNamespace(name: string): void {
    this.#relabel(name, undefined);
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
    this.#placeNode(slot, node);
    this.changes.add(slot);
  }

  removeNode(name: string): void {
    const slot = this.slotOf(name);
    if (slot === undefined) return;
    this.columns.clearNode(slot);
    this.#nodeCount--;
    this.#placeNode(slot, undefined);
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
    this.#remove(record);
    this.#giveBack(record.slot);
  }

  /** Shows `look` the state without the pods, and brings them back as they were. It may bring back some of them before. */
  without<T>(pods: readonly Pod[], look: (bringBack: (pod: Pod) => void) => T): T {
    const records: PodRecord[] = [];
    for (const { metadata } of pods) {
      const record = this.#records.get(metadata.uid);
      if (record === undefined) continue;
      records.push(record);
      this.removePod(metadata.uid);
    }
    try {
      return look((pod) => {
        const record = records.find((each) => each.pod === pod);
        if (record !== undefined) this.#bringBack(record);
      });
    } finally {
      for (const record of records) this.#bringBack(record);
    }
  }

  /** Shows `look` the state with the edit made, and takes the edit back. */
  whatIf<T>(edit: Edit, look: () => T): T {
    const before = this.#before(edit);
    this.#apply(edit);
    try {
      return look();
    } finally {
      this.#apply(before);
    }
  }

  #apply({ removePods = [], removeNodes = [], setNodes = [], setPods = [] }: Edit): void {
    for (const { metadata } of removePods) this.removePod(metadata.uid);
    for (const name of removeNodes) this.removeNode(name);
    for (const node of setNodes) this.setNode(node);
    for (const pod of setPods) this.setPod(pod);
  }

  /** What undoes the edit. */
  #before({ removePods = [], removeNodes = [], setNodes = [], setPods = [] }: Edit): Edit {
    const names = [...removeNodes, ...setNodes.map(({ metadata }) => metadata.name)];
    return {
      removePods: setPods,
      removeNodes: names.filter((name) => this.slotOf(name) === undefined),
      setNodes: names.flatMap((name) => this.#nodeNamed(name) ?? []),
      setPods: [...removePods, ...setPods].flatMap(({ metadata }) => this.podOf(metadata.uid) ?? []),
    };
  }

  #nodeNamed(name: string): Node | undefined {
    const slot = this.slotOf(name);
    return slot === undefined ? undefined : this.nodeAt(slot);
  }

  #placeNode(slot: number, node: Node | undefined): void {
    this.nodeChanges.add(slot);
    this.#topologies.set(slot, node);
    this.images.set(slot, node);
  }

  #relabel(name: string, labels: Labels): void {
    const before = this.#namespaces.get(name);
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    if (before === labels) return;
    this.holders.forget();
    if (this.matchers.recount(name, before)) this.#epoch++;
  }

  #take(nodeName: string): number {
    const slot = this.#slots.take(nodeName);
    if (this.columns.reach(slot)) this.#topologies.grow(this.columns.capacity);
    return slot;
  }

  #giveBack(slot: number): void {
    if (this.columns.nodes[slot] !== undefined || (this.columns.podCount[slot] ?? 0) > 0) return;
    this.#slots.give(slot);
  }

  #add(pod: Pod, slot: number): void {
    this.#enter({ pod, slot, shape: podShape(pod.spec), demand: heldDemand(pod), index: 0 });
  }

  #enter(record: PodRecord): void {
    const { pod, slot, shape, demand } = record;
    const pods = (this.#podsAt[slot] ??= []);
    record.index = pods.length;
    pods.push(record);
    this.#records.set(pod.metadata.uid, record);
    this.columns.addPod(slot, shape, demand);
    this.matchers.addPod(pod, slot);
    this.claimUsers.addPod(pod);
    this.holders.addPod(shape, pod.metadata.namespace ?? '', slot);
    this.changes.add(slot);
  }

  #remove(record: PodRecord): void {
    const { pod, slot, shape, demand } = record;
    this.#records.delete(pod.metadata.uid);
    this.#leave(record);
    this.columns.removePod(slot, shape, demand);
    this.matchers.removePod(pod, slot);
    this.claimUsers.removePod(pod);
    this.holders.removePod(shape, pod.metadata.namespace ?? '', slot);
    this.changes.add(slot);
  }

  /** What was worked out of the pod holds as long as its slot means the same node. */
  #bringBack(record: PodRecord): void {
    const { pod, slot } = record;
    const present = this.#records.get(pod.metadata.uid);
    if (present === record) return;
    const isKept = this.columns.nodes[slot] !== undefined && this.nameAt(slot) === pod.spec.nodeName;
    if (isKept && present === undefined) this.#enter(record);
    else this.setPod(pod);
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
    isEqual(before.spec, after.spec) &&
    isEqual(before.metadata.labels, after.metadata.labels) &&
    isEqual(before.status?.allocatable, after.status?.allocatable) &&
    isEqual(before.status?.images, after.status?.images)
  );
}

/** What comes over a network is never the same object, but mostly written the same. */
const isEqual = (left: unknown, right: unknown): boolean =>
  left === right || JSON.stringify(left) === JSON.stringify(right);

/** A status update takes nothing from the node, unless it is about a change of the pod's resources. */
export function countsTheSame(before: Pod, after: Pod): boolean {
  return (
    podShape(before.spec) === podShape(after.spec) &&
    isEqual(before.metadata.labels, after.metadata.labels) &&
    (before.metadata.deletionTimestamp === undefined) === (after.metadata.deletionTimestamp === undefined) &&
    !isResizing(before) &&
    !isResizing(after)
  );
}

const isResizing = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type }) => type.startsWith('PodResize')) ?? false;
