/** Keeps, for every signature met of late, the plugins made ready and how every node stands. */
import type { Pod } from '#api/core/pod';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Plugin, Profile } from './plugin.ts';
import { readyPod, type ReadyPod, releasePod } from './ready-pod.ts';
import { signatureOf } from './signature.ts';
import { Standings } from './standings.ts';

export type KnownPod = {
  readonly ready: ReadyPod;
  /** Absent for pods that few nodes can have, or none. */
  readonly standings?: Standings;
};

type Kept = KnownPod & { readonly outlooks: readonly unknown[] };

// What is kept takes some 40 bytes a slot.
const SLOTS_AT_MOST = 5_000_000;
const KEPT_AT_LEAST = 4;
const KEPT_AT_MOST = 2000;

class KnownPods {
  readonly #state: ClusterState;
  readonly #profile: Profile;
  /** Those of which nothing is kept. */
  readonly forOnePod: readonly Plugin[];
  readonly #outlooks: readonly NonNullable<Plugin['outlook']>[];
  /** The one that was met last comes last. */
  readonly #kept = new Map<string, Kept>();

  constructor(state: ClusterState, profile: Profile) {
    this.#state = state;
    this.#profile = profile;
    this.forOnePod = profile.filters.filter(({ isForOnePod }) => isForOnePod === true);
    const plugins = new Set([...profile.filters, ...profile.scores.map(({ plugin }) => plugin)]);
    this.#outlooks = [...plugins].flatMap(({ outlook }) => outlook ?? []);
  }

  get(pod: Pod): KnownPod {
    const key = signatureOf(this.#state, pod);
    const outlooks = this.#outlooks.map((outlook) => outlook(pod, this.#state));
    const known = this.#kept.get(key);
    if (known !== undefined) this.#kept.delete(key);
    const isGood = known !== undefined && known.standings?.hasRoom !== false && isSame(known.outlooks, outlooks);
    if (known !== undefined && !isGood) releasePod(known.ready);
    const kept = isGood ? known : this.#make(pod, outlooks);
    if (kept.standings !== undefined) this.#keep(key, kept);
    return kept;
  }

  #make(pod: Pod, outlooks: readonly unknown[]): Kept {
    const ready = readyPod(this.#state, this.#profile, pod);
    if (ready.because !== undefined || ready.only !== undefined) return { ready, outlooks };
    return { ready, outlooks, standings: new Standings(this.#state, ready) };
  }

  #keep(key: string, kept: Kept): void {
    const atMost = Math.floor(SLOTS_AT_MOST / this.#state.columns.capacity);
    const room = Math.min(KEPT_AT_MOST, Math.max(KEPT_AT_LEAST, atMost));
    for (const [oldest, { ready }] of this.#kept) {
      if (this.#kept.size < room) break;
      releasePod(ready);
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, kept);
  }
}

const known = new WeakMap<ClusterState, WeakMap<Profile, KnownPods>>();

export function knownPods(state: ClusterState, profile: Profile): KnownPods {
  const ofState = known.get(state) ?? new WeakMap<Profile, KnownPods>();
  known.set(state, ofState);
  const found = ofState.get(profile) ?? new KnownPods(state, profile);
  ofState.set(profile, found);
  return found;
}

const isSame = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.every((value, index) => value === right[index]);
