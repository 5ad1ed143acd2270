/** What is known of each node and of what its pods take, by slot. */
import type { Node } from '#api/core/node';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';
import type { HostPort } from './host-ports.ts';
import type { Demand, PodShape } from './pod-shape.ts';
import { grownFloats, grownIntegers, ResourceColumns } from './resource-columns.ts';

const NO_PORTS: readonly HostPort[] = [];

export class NodeColumns {
  /** Undefined in slots that are free, or that only have pods of a node nobody has told of. */
  readonly nodes: (Node | undefined)[] = [];
  readonly resources: ResourceColumns;
  /** What pods take as scoring counts it: containers that ask for nothing count too. */
  scoreCpu: Float64Array;
  scoreMemory: Float64Array;
  podCount: Int32Array;
  allowedPods: Float64Array;
  /** 1 where the node has a taint, and where it is cordoned: few do, so that the others are passed by at a glance. */
  tainted: Uint8Array;
  cordoned: Uint8Array;
  readonly #ports: (readonly HostPort[] | undefined)[] = [];
  #capacity: number;

  constructor(capacity = 64) {
    this.#capacity = capacity;
    this.resources = new ResourceColumns(capacity);
    this.scoreCpu = new Float64Array(capacity);
    this.scoreMemory = new Float64Array(capacity);
    this.podCount = new Int32Array(capacity);
    this.allowedPods = new Float64Array(capacity);
    this.tainted = new Uint8Array(capacity);
    this.cordoned = new Uint8Array(capacity);
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Makes room for a slot, and returns whether there was none. */
  reach(slot: number): boolean {
    if (slot < this.#capacity) return false;
    this.#capacity = Math.max(slot + 1, this.#capacity * 2);
    this.resources.grow(this.#capacity);
    this.scoreCpu = grownFloats(this.scoreCpu, this.#capacity);
    this.scoreMemory = grownFloats(this.scoreMemory, this.#capacity);
    this.podCount = grownIntegers(this.podCount, this.#capacity);
    this.allowedPods = grownFloats(this.allowedPods, this.#capacity);
    this.tainted = grownFlags(this.tainted, this.#capacity);
    this.cordoned = grownFlags(this.cordoned, this.#capacity);
    return true;
  }

  setNode(slot: number, node: Node): void {
    const before = this.nodes[slot];
    this.nodes[slot] = node;
    this.tainted[slot] = Number((node.spec.taints ?? []).length > 0);
    this.cordoned[slot] = Number(node.spec.unschedulable === true);
    if (before !== undefined && before.status?.allocatable === node.status?.allocatable) return;
    const { pods = 0, ...amounts } = readAmounts(node.status?.allocatable ?? {});
    this.allowedPods[slot] = pods;
    this.resources.setAllocatable(slot, amounts);
  }

  clearNode(slot: number): void {
    this.nodes[slot] = undefined;
    this.tainted[slot] = 0;
    this.cordoned[slot] = 0;
    this.allowedPods[slot] = 0;
    this.resources.setAllocatable(slot, {});
  }

  portsAt(slot: number): readonly HostPort[] {
    return this.#ports[slot] ?? NO_PORTS;
  }

  addPod(slot: number, { ports }: PodShape, demand: Demand): void {
    this.#count(slot, demand, 1);
    if (ports.length > 0) this.#ports[slot] = [...this.portsAt(slot), ...ports];
  }

  removePod(slot: number, { ports }: PodShape, demand: Demand): void {
    this.#count(slot, demand, -1);
    if (ports.length === 0) return;
    const left = [...this.portsAt(slot)];
    for (const port of ports) left.splice(left.indexOf(port), 1);
    this.#ports[slot] = left;
  }

  #count(slot: number, { requests, scoreCpu, scoreMemory }: Demand, sign: 1 | -1): void {
    this.podCount[slot] = (this.podCount[slot] ?? 0) + sign;
    this.scoreCpu[slot] = (this.scoreCpu[slot] ?? 0) + sign * scoreCpu;
    this.scoreMemory[slot] = (this.scoreMemory[slot] ?? 0) + sign * scoreMemory;
    this.resources.take(slot, requests, sign);
  }
}

function grownFlags(column: Uint8Array, capacity: number): Uint8Array {
  const grown = new Uint8Array(capacity);
  grown.set(column);
  return grown;
}

/** CPU in thousandths of a core, the rest in units. */
export function readAmounts(quantities: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  const amounts = Object.entries(quantities).map(([name, text]) => {
    const quantity = parseQuantity(text);
    return [name, name === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity)] as const;
  });
  return Object.fromEntries(amounts);
}
