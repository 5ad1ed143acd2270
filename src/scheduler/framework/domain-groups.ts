/**
 * Chooses where a change at one node is felt at others. Nodes that are alike to every plugin stand together,
 * so that a pass looks at one of each group: there are few of them, however many nodes.
 */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { ApartSlots } from './apart-slots.ts';
import { passOver, type Pick } from './candidate-pass.ts';
import { ChangeReader } from './change-reader.ts';
import { LogReader } from './log-reader.ts';
import type { OwnStandings } from './own-standings.ts';
import type { RefusalGroup } from './placement.ts';
import type { DomainCounts, SlotFeature } from './plugin.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';
import type { Scratch } from './scratch.ts';
import type { UsualGroups } from './usual-groups.ts';

export class DomainGroups {
  readonly #state: ClusterState;
  readonly #ready: ReadyPod;
  readonly #own: OwnStandings;
  readonly #scratch: Scratch;
  readonly #filters: readonly ReadyFilter[];
  readonly #counts: readonly DomainCounts[];
  readonly #ofDomains: readonly SlotFeature[];
  readonly #usual: UsualGroups;
  readonly #apart: ApartSlots;
  readonly #changes: ChangeReader;
  /** Of nodes, and of what is counted: most changes in a slot are neither. */
  #felt: readonly LogReader[] = [];
  /** How the groups were made. */
  #generation = 0;
  #singular: readonly boolean[] = [];

  constructor(state: ClusterState, { ready, own, scratch }: { ready: ReadyPod; own: OwnStandings; scratch: Scratch }) {
    this.#state = state;
    this.#ready = ready;
    this.#own = own;
    this.#scratch = scratch;
    this.#filters = ready.filters.filter(({ filter }) => filter.domains !== undefined);
    const ofFilters = this.#filters.flatMap(({ filter }) => filter.domains ?? []);
    this.#counts = [...ofFilters, ...ready.domainScores.map(({ score }) => score.domains)];
    this.#ofDomains = this.#counts.flatMap(({ features }) => features);
    this.#usual = own.usualBy(this.#ofDomains);
    this.#apart = new ApartSlots(this.#usual.like, own, this.#ofDomains);
    this.#changes = new ChangeReader(state);
  }

  /** Takes in what has changed since the last time; what is known of nodes by themselves must have done so before. */
  sync(): void {
    this.#usual.sync();
    if (this.#felt.every(({ reaches }) => reaches())) for (const log of this.#felt) log.read(this.#recount);
    else this.#rebuild();
    this.#changes.read({ rebuild: () => this.#rebuild(), repair: (slot) => this.#apart.refresh(slot) });
    for (const counts of this.#counts) counts.settle();
    const isSame = this.#ofDomains.every(({ isSingular }, index) => isSingular() === this.#singular[index]);
    if (!isSame || this.#generation !== this.#usual.generation || this.#apart.isLittered) this.#regroup();
  }

  choose(draw: number): Pick | undefined {
    const { slots, sizes, totals } = this.#scratch;
    const candidates = { slots, count: this.#apart.list(slots, sizes), sizes };
    const best = passOver(candidates, { ready: this.#ready, standing: this.#own, totals }, draw);
    if (best === undefined) return undefined;
    return { ...best, slot: this.#apart.memberWith(best.slot, best.rank) };
  }

  /** Of the nodes that nothing refused before the domains were looked at. */
  groups(nameAt: (slot: number) => string): readonly RefusalGroup[] {
    const refusals = new RefusalCounts();
    const { slots, sizes } = this.#scratch;
    for (const slot of slots.subarray(0, this.#apart.list(slots, sizes)))
      refusals.ask(slot, this.#filters, this.#apart.membersWith(slot));
    return refusals.groups(nameAt);
  }

  readonly #recount = (slot: number): void => {
    for (const counts of this.#counts) counts.repair(slot);
    this.#apart.place(slot);
  };

  #rebuild(): void {
    for (const counts of this.#counts) counts.rebuild();
    const logs = this.#counts.flatMap(({ counted }) => counted()).map(({ changes }) => changes);
    this.#felt = [...new Set([this.#state.nodeChanges, ...logs])].map((log) => new LogReader(log));
    this.#regroup();
  }

  #regroup(): void {
    this.#generation = this.#usual.generation;
    this.#singular = this.#ofDomains.map(({ isSingular }) => isSingular());
    this.#apart.regroup(this.#state.slotsEnd);
  }
}
