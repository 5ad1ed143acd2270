/** How every node stands for pods of one signature. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { candidatesAmong, passOver } from './candidate-pass.ts';
import { DomainGroups } from './domain-groups.ts';
import { ABSENT } from './max-tree.ts';
import type { OwnStandings } from './own-standings.ts';
import type { RefusalGroup } from './placement.ts';
import { filtersInOrder, type ForOnePod, looksFar, type ReadyFilter, type ReadyPod } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';
import type { Scratch } from './scratch.ts';
import { FITS } from './verdict-column.ts';

/** Where the pod goes. */
export type Choice = { readonly slot: number; readonly score: number };

/** `draw`, from 0 to less than 1, decides between equals. */
export type Wish = ForOnePod & { readonly draw: number };

export class Standings {
  readonly #state: ClusterState;
  readonly #ready: ReadyPod;
  readonly #own: OwnStandings;
  /** Absent where nothing that happens at one node is felt at others. */
  readonly #domains: DomainGroups | undefined;

  constructor(state: ClusterState, { ready, own, scratch }: { ready: ReadyPod; own: OwnStandings; scratch: Scratch }) {
    this.#state = state;
    this.#ready = ready;
    this.#own = own;
    const isFelt = ready.domainScores.length > 0 || ready.filters.some(looksFar);
    this.#domains = isFelt ? new DomainGroups(state, { ready, own, scratch }) : undefined;
  }

  /** Whether there is room for every slot. */
  get hasRoom(): boolean {
    return this.#own.hasRoom;
  }

  /** Takes in what has changed since the last time. */
  sync(): void {
    this.#own.sync();
    this.#domains?.sync();
  }

  /** Undefined when every node is refused. */
  choose({ draw, also }: Wish): Choice | undefined {
    if (also.length > 0) return this.#chooseAmong(also, draw);
    if (this.#domains !== undefined) return this.#domains.choose(draw);
    const tree = this.#own.tree();
    if (tree.highest === ABSENT) return undefined;
    return { slot: tree.placeOf(Math.floor(draw * tree.ties)), score: tree.highest };
  }

  groups(wish: Wish): readonly RefusalGroup[] {
    const { verdicts } = this.#own;
    const nameAt = (slot: number): string => this.#state.nameAt(slot);
    const filters = filtersInOrder(this.#ready.filters, wish);
    const near = this.#ready.filters.filter((each) => !looksFar(each));
    // What is known of each node by itself tells why where that is asked first, as is usual.
    if (near.some((each, index) => filters[index] !== each)) return this.#refusals(filters, () => true).groups(nameAt);
    const groups = verdicts.groups(nameAt);
    if (wish.also.length === 0) return [...groups, ...(this.#domains?.groups(nameAt) ?? [])];
    const others = filters.slice(near.length);
    return [...groups, ...this.#refusals(others, (slot) => verdicts.codes[slot] === FITS).groups(nameAt)];
  }

  #refusals(filters: readonly ReadyFilter[], isAsked: (slot: number) => boolean): RefusalCounts {
    const refusals = new RefusalCounts();
    for (let slot = 0; slot < this.#state.slotsEnd; slot++)
      if (this.#state.nodeAt(slot) !== undefined && isAsked(slot)) refusals.ask(slot, filters);
    return refusals;
  }

  #chooseAmong(also: readonly ReadyFilter[], draw: number): Choice | undefined {
    const candidates = candidatesAmong(this.#own, also, this.#state.slotsEnd);
    const totals = new Int32Array(this.#own.own.length);
    return passOver(candidates, { ready: this.#ready, standing: this.#own, totals }, draw);
  }
}
