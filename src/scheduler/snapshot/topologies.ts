/** In which domain of each topology every node lies, as numbers. A topology is a label of nodes, a domain one of its values. */
import { grownIntegers } from './resource-columns.ts';
import type { Node } from '#api/core/node';

export const NO_DOMAIN = -1;

export class Topology {
  readonly key: string;
  /** By slot; `NO_DOMAIN` where the node lacks the label. */
  domainAt: Int32Array;
  readonly #numbers = new Map<string, number>();
  readonly #sizes: number[] = [];
  readonly #values: string[] = [];
  readonly #free: number[] = [];
  /** Domains with more than one node. */
  #shared = 0;

  constructor(key: string, capacity: number) {
    this.key = key;
    this.domainAt = new Int32Array(capacity).fill(NO_DOMAIN);
  }

  /** No domain has more than one node. */
  get isByNode(): boolean {
    return this.#shared === 0;
  }

  /** Above every domain's number. */
  get end(): number {
    return this.#values.length;
  }

  grow(capacity: number): void {
    const before = this.domainAt.length;
    this.domainAt = grownIntegers(this.domainAt, capacity).fill(NO_DOMAIN, before);
  }

  set(slot: number, node: Node | undefined): void {
    const labels = node?.metadata.labels ?? {};
    const value = Object.hasOwn(labels, this.key) ? labels[this.key] : undefined;
    const before = this.domainAt[slot] ?? NO_DOMAIN;
    if (before !== NO_DOMAIN && this.#values[before] === value) return;
    this.domainAt[slot] = value === undefined ? NO_DOMAIN : this.#enter(value);
    if (before !== NO_DOMAIN) this.#leave(before);
  }

  #enter(value: string): number {
    const number = this.#numbers.get(value) ?? this.#free.pop() ?? this.#values.length;
    this.#numbers.set(value, number);
    this.#values[number] = value;
    const size = (this.#sizes[number] ?? 0) + 1;
    this.#sizes[number] = size;
    if (size === 2) this.#shared++;
    return number;
  }

  #leave(number: number): void {
    const left = (this.#sizes[number] ?? 0) - 1;
    this.#sizes[number] = left;
    if (left === 1) this.#shared--;
    if (left > 0) return;
    this.#numbers.delete(this.#values[number] ?? '');
    this.#free.push(number);
  }
}

export class Topologies {
  readonly #byKey = new Map<string, Topology>();

  /** Made when it is first asked for. */
  get(key: string, nodes: readonly (Node | undefined)[], capacity: number): Topology {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const topology = new Topology(key, capacity);
    for (const [slot, node] of nodes.entries()) topology.set(slot, node);
    this.#byKey.set(key, topology);
    return topology;
  }

  grow(capacity: number): void {
    for (const topology of this.#byKey.values()) topology.grow(capacity);
  }

  set(slot: number, node: Node | undefined): void {
    for (const topology of this.#byKey.values()) topology.set(slot, node);
  }
}
