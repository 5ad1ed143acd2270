/** How every node stands for pods of one signature: kept from pod to pod, and repaired where something changed. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { candidatesAmong, passOver, type Standing } from './candidate-pass.ts';
import { DomainGroups } from './domain-groups.ts';
import { ABSENT, MaxTree } from './max-tree.ts';
import type { RefusalGroup } from './placement.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import { ScaledColumn } from './scaled-column.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { FITS, VerdictColumn } from './verdict-column.ts';

/** Where the pod goes. */
export type Choice = { readonly slot: number; readonly score: number };

/** `draw`, from 0 to less than 1, decides between equals. `also`: filters for the one pod, of which nothing is kept. */
export type Wish = { readonly draw: number; readonly also: readonly ReadyFilter[] };

// When more changed than one slot in so many, starting anew is cheaper than repairing.
const REPAIRED_AT_MOST = 1 / 16;
const REPAIRED_AT_LEAST = 16;

export class Standings {
  readonly #state: ClusterState;
  readonly #ready: ReadyPod;
  /** Filters whose verdict depends on the slot alone. */
  readonly #filters: readonly ReadyFilter[];
  readonly #places: number;
  readonly #verdicts: VerdictColumn;
  readonly #own: Int32Array;
  readonly #scaled: readonly ScaledColumn[];
  /** Absent where what happens at one node is felt at others: there is no keeping of totals then, but of what stands for them. */
  readonly #tree: MaxTree | undefined;
  readonly #domains: DomainGroups | undefined;
  /** The highest raw scores for which the tree is right. */
  readonly #treeScale: number[];
  #version = -1;
  #epoch = -1;

  constructor(state: ClusterState, ready: ReadyPod) {
    this.#state = state;
    this.#ready = ready;
    this.#filters = ready.filters.filter(({ filter }) => filter.domains === undefined);
    this.#places = state.columns.capacity;
    this.#verdicts = new VerdictColumn(this.#places);
    this.#own = new Int32Array(this.#places);
    this.#scaled = ready.scaledScores.map((weighing) => new ScaledColumn(weighing, this.#places));
    const isFelt = ready.domainScores.length > 0 || this.#filters.length < ready.filters.length;
    this.#tree = isFelt ? undefined : new MaxTree(this.#places);
    this.#domains = isFelt ? new DomainGroups(ready, this.#standing()) : undefined;
    this.#treeScale = this.#scaled.map(() => 0);
  }

  /** Whether there is room for every slot. */
  get hasRoom(): boolean {
    return this.#places >= this.#state.slotsEnd;
  }

  /** Takes in what has changed since the last time. */
  sync(): void {
    const { changes, slotsEnd, epoch } = this.#state;
    const atMost = Math.max(REPAIRED_AT_LEAST, slotsEnd * REPAIRED_AT_MOST);
    const isFar = epoch !== this.#epoch || changes.version - this.#version > atMost || !changes.reaches(this.#version);
    if (isFar) this.#rebuild();
    else for (let version = this.#version; version < changes.version; version++) this.#repair(changes.at(version));
    this.#version = changes.version;
    this.#epoch = epoch;
    this.#domains?.settle();
    if (this.#scaled.some(({ highest }, index) => highest !== this.#treeScale[index])) this.#rescale();
  }

  /** Undefined when every node is refused. */
  choose({ draw, also }: Wish): Choice | undefined {
    if (also.length > 0) return this.#chooseAmong(also, draw);
    if (this.#domains !== undefined) return this.#domains.choose(draw);
    const tree = this.#tree as MaxTree;
    if (tree.highest === ABSENT) return undefined;
    return { slot: tree.placeOf(Math.floor(draw * tree.ties)), score: tree.highest };
  }

  groups({ also }: Wish): readonly RefusalGroup[] {
    const nameAt = (slot: number): string => this.#state.nameAt(slot);
    const groups = this.#verdicts.groups(nameAt);
    if (also.length === 0) return [...groups, ...(this.#domains?.groups(nameAt) ?? [])];
    const filters = [...also, ...this.#ready.filters.filter(({ filter }) => filter.domains !== undefined)];
    const refusals = new RefusalCounts();
    const { codes } = this.#verdicts;
    for (let slot = 0; slot < this.#state.slotsEnd; slot++) if (codes[slot] === FITS) refusals.ask(slot, filters);
    return [...groups, ...refusals.groups(nameAt)];
  }

  #chooseAmong(also: readonly ReadyFilter[], draw: number): Choice | undefined {
    const standing = this.#standing();
    const candidates = candidatesAmong(standing, also, this.#state.slotsEnd);
    return passOver(candidates, { ready: this.#ready, standing, totals: new Int32Array(this.#places) }, draw);
  }

  #standing(): Standing {
    return { verdicts: this.#verdicts, own: this.#own, scaled: this.#scaled };
  }

  #rebuild(): void {
    this.#verdicts.clear();
    for (const column of this.#scaled) column.clear();
    for (let slot = 0; slot < this.#state.slotsEnd; slot++) this.#ask(slot);
    this.#domains?.rebuild();
    this.#rescale();
  }

  #repair(slot: number): void {
    if (this.#verdicts.codes[slot] === FITS) for (const column of this.#scaled) column.remove(slot);
    const isFit = this.#ask(slot);
    this.#tree?.set(slot, isFit ? this.#total(slot) : ABSENT);
    this.#domains?.repair(slot);
  }

  /** Returns whether the slot's node may have the pod. */
  #ask(slot: number): boolean {
    if (this.#state.nodeAt(slot) === undefined) {
      this.#verdicts.setNone(slot);
      return false;
    }
    if (!this.#verdicts.ask(slot, this.#filters)) return false;
    let own = 0;
    for (const { score, weight } of this.#ready.ownScores) own += weight * score.score(slot);
    this.#own[slot] = own;
    for (const column of this.#scaled) column.add(slot);
    return true;
  }

  #total(slot: number): number {
    let total = this.#own[slot] as number;
    for (const column of this.#scaled) total += column.weighted(slot, column.highest);
    return total;
  }

  #rescale(): void {
    for (const [index, { highest }] of this.#scaled.entries()) this.#treeScale[index] = highest;
    if (this.#tree === undefined) return;
    const { codes } = this.#verdicts;
    for (let slot = 0; slot < this.#places; slot++)
      this.#tree.put(slot, codes[slot] === FITS ? this.#total(slot) : ABSENT);
    this.#tree.settle();
  }
}
