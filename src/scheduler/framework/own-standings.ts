/** How every node stands for pods that ask the same of it, by what is on it alone: kept from pod to pod, and repaired where something changed. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Standing } from './candidate-pass.ts';
import { ChangeReader } from './change-reader.ts';
import { ABSENT, MaxTree } from './max-tree.ts';
import type { SlotFeature } from './plugin.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import { ScaledColumn } from './scaled-column.ts';
import { RecentMap } from './recent-map.ts';
import { UsualGroups } from './usual-groups.ts';
import { FITS, VerdictColumn } from './verdict-column.ts';

// Pods that ask the same of a node look at few different topologies.
const USUAL_AT_MOST = 8;

export class OwnStandings implements Standing {
  readonly verdicts: VerdictColumn;
  readonly own: Int32Array;
  readonly scaled: readonly ScaledColumn[];
  readonly #state: ClusterState;
  readonly #ready: ReadyPod;
  /** Filters whose verdict depends on the slot alone. */
  readonly #filters: readonly ReadyFilter[];
  readonly #places: number;
  readonly #changes: ChangeReader;
  /** Of the totals, as far as they come from the slot alone. */
  readonly #tree: MaxTree;
  /** The highest raw scores for which the tree is right. */
  readonly #treeScale: number[];
  #isTreeGood = false;
  readonly #usual = new RecentMap<UsualGroups>(() => undefined);

  constructor(state: ClusterState, ready: ReadyPod) {
    this.#state = state;
    this.#ready = ready;
    this.#filters = ready.filters.filter(({ filter }) => filter.domains === undefined);
    this.#places = state.columns.capacity;
    this.#changes = new ChangeReader(state);
    this.verdicts = new VerdictColumn(this.#places);
    this.own = new Int32Array(this.#places);
    this.scaled = ready.scaledScores.map((weighing) => new ScaledColumn(weighing, this.#places));
    this.#tree = new MaxTree(this.#places);
    this.#treeScale = this.scaled.map(() => 0);
  }

  /** Whether there is room for every slot. */
  get hasRoom(): boolean {
    return this.#places >= this.#state.slotsEnd;
  }

  /** Takes in what has changed since the last time. */
  sync(): void {
    this.#changes.read({ rebuild: () => this.#rebuild(), repair: (slot) => this.#repair(slot) });
  }

  /** The totals of all slots as they are now. */
  tree(): MaxTree {
    const isSame = this.scaled.every(({ highest }, index) => highest === this.#treeScale[index]);
    if (!this.#isTreeGood || !isSame) this.#rescale();
    return this.#tree;
  }

  /** Of nodes that are also alike in these, shared by all for whom they are the same. */
  usualBy(features: readonly SlotFeature[]): UsualGroups {
    const key = features.map((feature) => feature.key).join('\n');
    const known = this.#usual.get(key);
    if (known !== undefined) return known;
    const made = new UsualGroups(this.#state, this, features);
    this.#usual.set(key, made, USUAL_AT_MOST);
    return made;
  }

  #rebuild(): void {
    this.verdicts.clear();
    for (const column of this.scaled) column.clear();
    for (let slot = 0; slot < this.#state.slotsEnd; slot++) this.#ask(slot);
    this.#isTreeGood = false;
  }

  #repair(slot: number): void {
    if (this.verdicts.codes[slot] === FITS) for (const column of this.scaled) column.remove(slot);
    const isFit = this.#ask(slot);
    if (this.#isTreeGood) this.#tree.set(slot, isFit ? this.#total(slot) : ABSENT);
  }

  /** Returns whether the slot's node may have the pod. */
  #ask(slot: number): boolean {
    if (this.#state.nodeAt(slot) === undefined) {
      this.verdicts.setNone(slot);
      return false;
    }
    if (!this.verdicts.ask(slot, this.#filters)) return false;
    let own = 0;
    for (const { score, weight } of this.#ready.ownScores) own += weight * score.score(slot);
    this.own[slot] = own;
    for (const column of this.scaled) column.add(slot);
    return true;
  }

  #total(slot: number): number {
    let total = this.own[slot] as number;
    for (const column of this.scaled) total += column.weighted(slot, column.highest);
    return total;
  }

  #rescale(): void {
    for (const [index, { highest }] of this.scaled.entries()) this.#treeScale[index] = highest;
    const { codes } = this.verdicts;
    for (let slot = 0; slot < this.#places; slot++)
      this.#tree.put(slot, codes[slot] === FITS ? this.#total(slot) : ABSENT);
    this.#tree.settle();
    this.#isTreeGood = true;
  }
}
