/** Keeps, for every signature met of late, the plugins made ready and how every node stands. */
import type { Pod } from '#api/core/pod';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { OwnStandings } from './own-standings.ts';
import type { Plugin, Profile } from './plugin.ts';
import { readyPod, type ReadyPod, releasePod } from './ready-pod.ts';
import { RecentMap } from './recent-map.ts';
import { type Scratch, scratchFor } from './scratch.ts';
import { type Signature, signatureOf } from './signature.ts';
import { Standings } from './standings.ts';

export type KnownPod = {
  readonly ready: ReadyPod;
  /** Absent for pods that are met for the first time, and for those that few nodes can have, or none. */
  readonly standings?: Standings;
  /** The only slots that can have the pod, when they are so few that nothing needs to be kept of them. */
  readonly few?: readonly number[];
};

// What is kept takes some 30 bytes a slot.
const SLOTS_AT_MOST = 12_000_000;
// A look at a node costs the same here and there; what is kept takes room besides.
const FEW_AT_MOST = 64;
const KEPT_AT_LEAST = 4;
const KEPT_AT_MOST = 2000;
const NOTED_AT_MOST = 10_000;

class KnownPods {
  /** Those of which nothing is kept. */
  readonly forOnePod: readonly Plugin[];
  /** Where the profile has a plugin; those that it does not have come last. */
  readonly rankOf: (plugin: string) => number;
  readonly #state: ClusterState;
  /** Without those. */
  readonly #profile: Profile;
  readonly #outlooks: readonly NonNullable<Plugin['outlook']>[];
  readonly #kept = new RecentMap<KnownPod>(({ ready }) => releasePod(ready));
  readonly #own = new RecentMap<OwnStandings>(() => undefined);
  /** Signatures that were met once, and of which nothing is kept yet. */
  readonly #noted = new Set<string>();
  #scratch: Scratch = scratchFor(0);

  constructor(state: ClusterState, profile: Profile) {
    this.#state = state;
    this.#profile = { ...profile, filters: profile.filters.filter(({ isForOnePod }) => isForOnePod !== true) };
    this.forOnePod = profile.filters.filter(({ isForOnePod }) => isForOnePod === true);
    const ranks = new Map(profile.filters.map(({ name }, rank) => [name, rank]));
    this.rankOf = (plugin) => ranks.get(plugin) ?? ranks.size;
    const plugins = new Set([...profile.filters, ...profile.scores.map(({ plugin }) => plugin)]);
    this.#outlooks = [...plugins].flatMap(({ outlook }) => outlook ?? []);
  }

  /** With room for every slot. */
  get scratch(): Scratch {
    const { capacity } = this.#state.columns;
    if (this.#scratch.slots.length < capacity) this.#scratch = scratchFor(capacity);
    return this.#scratch;
  }

  get(pod: Pod): KnownPod {
    const signature = this.#signatureOf(pod);
    const known = this.#kept.get(signature.all);
    if (known?.standings?.hasRoom === true) return known;
    const ready = readyPod(this.#state, this.#profile, pod);
    if (ready.because !== undefined || ready.only !== undefined) return { ready };
    if (this.#own.get(signature.own) !== undefined) return { ready, standings: this.#keep(ready, signature) };
    const few = this.#fewFor(ready);
    return few === undefined ? { ready } : { ready, few };
  }

  /** Many pods have no other like them: to keep something pays off from the second on. Told once of each. */
  isNew(pod: Pod): boolean {
    const { all } = this.#signatureOf(pod);
    if (this.#noted.delete(all)) return false;
    if (this.#noted.size >= NOTED_AT_MOST) this.#noted.clear();
    this.#noted.add(all);
    return true;
  }

  keep(pod: Pod, ready: ReadyPod): Standings {
    return this.#keep(ready, this.#signatureOf(pod));
  }

  #signatureOf(pod: Pod): Signature {
    let outlook = '';
    for (let index = 0; index < this.#outlooks.length; index++) {
      const text = this.#outlooks[index]?.(pod, this.#state) ?? '';
      if (text !== '') outlook += `${index} ${text}\n`;
    }
    return signatureOf(this.#state, pod, outlook);
  }

  #keep(ready: ReadyPod, { own: key, all }: Signature): Standings {
    const known = this.#own.get(key);
    const own = known?.hasRoom === true ? known : new OwnStandings(this.#state, ready);
    if (own !== known) this.#own.set(key, own, this.#room());
    const standings = new Standings(this.#state, { ready, own, scratch: this.scratch });
    this.#kept.set(all, { ready, standings }, this.#room());
    return standings;
  }

  /** Where nodes are looked at one by one, and few of them have what the pod asks for. */
  #fewFor({ filters, domainScores }: ReadyPod): readonly number[] | undefined {
    if (domainScores.length > 0 || filters.some(({ filter }) => filter.domains !== undefined)) return undefined;
    const atMost = Math.min(FEW_AT_MOST, this.#state.nodeCount / 4);
    for (const { filter } of filters) {
      const offers = filter.offers?.();
      if (offers !== undefined && offers.size <= atMost) return [...offers.keys()];
    }
    return undefined;
  }

  #room(): number {
    const atMost = Math.floor(SLOTS_AT_MOST / this.#state.columns.capacity);
    return Math.min(KEPT_AT_MOST, Math.max(KEPT_AT_LEAST, atMost));
  }
}

const known = new WeakMap<ClusterState, WeakMap<Profile, KnownPods>>();

export function knownPods(state: ClusterState, profile: Profile): KnownPods {
  const before = known.get(state)?.get(profile);
  if (before !== undefined) return before;
  const ofState = known.get(state) ?? new WeakMap<Profile, KnownPods>();
  known.set(state, ofState);
  const found = new KnownPods(state, profile);
  ofState.set(profile, found);
  return found;
}
