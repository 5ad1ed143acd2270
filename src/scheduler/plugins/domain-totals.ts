/** Sums by topology domain of what is counted by slot, kept from pod to pod and repaired slot by slot. */
import type { SlotFeature } from '../framework/plugin.ts';
import { NO_DOMAIN, type Topology } from '../snapshot/topologies.ts';

export type DomainSource = {
  readonly topology: Topology;
  /** What the slot counts for. */
  readonly valueAt: (slot: number) => number;
  /** Whether the slot's node has a part in it at all. */
  readonly hasPart?: (slot: number) => boolean;
};

export class DomainTotals {
  readonly topology: Topology;
  /** By domain. */
  totals = new Int32Array(16);
  readonly #source: DomainSource;
  /** How many nodes have a part, by domain. */
  #nodes = new Int32Array(16);
  /** What each slot was counted with, and where. */
  #values = new Int32Array(0);
  #domains = new Int32Array(0);
  #domainCount = 0;
  #sum = 0;
  #lowest = 0;
  /** How many domains have the lowest total; 0 when it must be looked for. */
  #atLowest = 0;

  constructor(source: DomainSource) {
    this.topology = source.topology;
    this.#source = source;
  }

  /** What is counted where the slot is, when each node is a domain by itself, and else the domain. */
  get feature(): SlotFeature {
    const { topology } = this;
    return {
      at: (slot) => {
        const domain = topology.domainAt[slot] ?? NO_DOMAIN;
        if (domain === NO_DOMAIN || !topology.isByNode) return domain + 1;
        const total = this.totals[domain] ?? 0;
        return total < 0 ? total : total + 1;
      },
      isSingular: () => topology.isByNode,
      usual: (slot) => {
        const domain = topology.domainAt[slot] ?? NO_DOMAIN;
        return domain === NO_DOMAIN || !topology.isByNode ? domain + 1 : 1;
      },
      key: `totals ${topology.key}`,
    };
  }

  /** Over all domains. */
  get sum(): number {
    return this.#sum;
  }

  /** Domains in which some node has a part. */
  get domainCount(): number {
    return this.#domainCount;
  }

  /** The lowest total of all domains in which some node has a part; 0 when there is none. */
  get lowest(): number {
    if (this.#atLowest === 0) this.#findLowest();
    return this.#lowest;
  }

  /** The total where the slot is; undefined where its node lacks the label. */
  at(slot: number): number | undefined {
    const domain = this.topology.domainAt[slot] ?? NO_DOMAIN;
    return domain === NO_DOMAIN ? undefined : (this.totals[domain] ?? 0);
  }

  rebuild(slotsEnd: number): void {
    const { end, domainAt } = this.topology;
    this.totals = new Int32Array(end + 16);
    this.#nodes = new Int32Array(end + 16);
    this.#values = new Int32Array(domainAt.length);
    this.#domains = new Int32Array(domainAt.length).fill(NO_DOMAIN);
    this.#domainCount = 0;
    this.#sum = 0;
    this.#atLowest = 0;
    for (let slot = 0; slot < slotsEnd; slot++) this.#include(slot);
    this.#atLowest = 0;
  }

  repair(slot: number): void {
    const before = this.#domains[slot] as number;
    const domain = this.#domainOf(slot);
    // Most changes of a slot are of no account here.
    if (domain === before && (domain === NO_DOMAIN || this.#values[slot] === this.#source.valueAt(slot))) return;
    if (before !== NO_DOMAIN) this.#exclude(slot, before);
    this.#include(slot);
  }

  /** Where the slot counts, if it does. */
  #domainOf(slot: number): number {
    const domain = this.topology.domainAt[slot] as number;
    return domain === NO_DOMAIN || this.#source.hasPart?.(slot) === false ? NO_DOMAIN : domain;
  }

  #include(slot: number): void {
    const domain = this.#domainOf(slot);
    this.#domains[slot] = domain;
    if (domain === NO_DOMAIN) return;
    if (domain >= this.totals.length) this.#grow(domain);
    const value = this.#source.valueAt(slot);
    this.#values[slot] = value;
    this.#change(domain, value, 1);
  }

  #exclude(slot: number, domain: number): void {
    this.#change(domain, -(this.#values[slot] as number), -1);
  }

  #change(domain: number, value: number, nodes: 1 | -1): void {
    const before = this.totals[domain] as number;
    const nodesBefore = this.#nodes[domain] as number;
    this.totals[domain] = before + value;
    this.#nodes[domain] = nodesBefore + nodes;
    this.#sum += value;
    if (nodesBefore === 0) this.#domainCount++;
    if (nodesBefore + nodes === 0) this.#domainCount--;
    this.#noteLowest(nodesBefore === 0 ? undefined : before, nodesBefore + nodes === 0 ? undefined : before + value);
  }

  /** `undefined`: the domain had, or has, no node that has a part. */
  #noteLowest(before: number | undefined, after: number | undefined): void {
    if (this.#atLowest === 0) return;
    if (before === this.#lowest) this.#atLowest--;
    if (after === this.#lowest) this.#atLowest++;
    else if (after !== undefined && after < this.#lowest) this.#atLowest = 0;
  }

  #findLowest(): void {
    let lowest = Infinity;
    let count = 0;
    for (let domain = 0; domain < this.topology.end; domain++) {
      if ((this.#nodes[domain] ?? 0) === 0) continue;
      const total = this.totals[domain] as number;
      if (total < lowest) count = 0;
      if (total <= lowest) count++;
      lowest = Math.min(lowest, total);
    }
    this.#lowest = count === 0 ? 0 : lowest;
    this.#atLowest = count;
  }

  #grow(domain: number): void {
    const size = 2 * domain + 16;
    this.totals = grown(this.totals, size);
    this.#nodes = grown(this.#nodes, size);
  }
}

function grown(column: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(column);
  return larger;
}
