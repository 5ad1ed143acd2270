/** The cluster as it is committed, with what the checks of every moment ask for. */
import type { ApiObject } from '#api/object';
import { isReady, isTerminal } from '#api/core/pod-state';
import type { Pod } from '#api/core/pod';
import type { StoreEvent } from '#store/store';
import type { Scenario } from '../scenario.ts';
import type { SimCluster } from '../sim-cluster.ts';

type Count = { readonly atMs: number; readonly count: number };

// A program may act on what it saw before its stream fell behind or its line was cut.
const STALE_MS = 120_000;

export class ClusterView {
  readonly sim: SimCluster;
  readonly scenario: Scenario;
  readonly startedMs: number;
  readonly #pods = new Map<string, Pod>();
  readonly #byOwner = new Map<string, Map<string, Pod>>();
  readonly #objects = new Map<string, ApiObject>();
  readonly #wishes = new Map<string, Count[]>();
  readonly #serving = new Map<string, Count[]>();

  constructor(sim: SimCluster, scenario: Scenario) {
    this.sim = sim;
    this.scenario = scenario;
    this.startedMs = sim.world.clock.now();
  }

  get nowMs(): number {
    return this.sim.world.clock.now();
  }

  take({ key, type, object }: StoreEvent): void {
    const known = type === 'put' ? (object as ApiObject) : undefined;
    if (known === undefined) this.#objects.delete(key);
    else {
      this.#objects.set(key, known);
      const count = wishOf(known);
      if (count !== undefined) this.mostWished(known.metadata.uid, count);
    }
    if (key.startsWith('/core/pods/')) this.#takePod(key, known as Pod | undefined);
  }

  #takePod(key: string, pod: Pod | undefined): void {
    const before = ownerOf(this.#pods.get(key));
    if (pod === undefined) this.#pods.delete(key);
    else this.#pods.set(key, pod);
    const owner = ownerOf(pod);
    if (before !== undefined && before !== owner) this.#byOwner.get(before)?.delete(key);
    if (owner === undefined || pod === undefined) return;
    const same = this.#byOwner.get(owner) ?? new Map<string, Pod>();
    this.#byOwner.set(owner, same);
    same.set(key, pod);
    this.mostServing(owner);
  }

  pods(): Iterable<Pod> {
    return this.#pods.values();
  }

  /** Of one owner: neither ended nor ending. */
  activePods(ownerUid: string): readonly Pod[] {
    return [...(this.#byOwner.get(ownerUid)?.values() ?? [])].filter(isActive);
  }

  /** Of one owner's pods, the most that served at a time lately. */
  mostServing(ownerUid: string): number {
    return this.#mostLately(this.#serving, ownerUid, this.activePods(ownerUid).filter(isServing).length);
  }

  allOf<T extends ApiObject>(prefix: string): readonly T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object as T);
  }

  find<T extends ApiObject>(key: string): T | undefined {
    return this.#objects.get(key) as T | undefined;
  }

  /** The most that was asked for lately, now included. */
  mostWished(uid: string, count: number): number {
    return this.#mostLately(this.#wishes, uid, count);
  }

  #mostLately(histories: Map<string, Count[]>, uid: string, count: number): number {
    const history = histories.get(uid) ?? [];
    const last = history.at(-1);
    if (last === undefined || last.count !== count) history.push({ atMs: this.nowMs, count });
    histories.set(uid, history);
    // A count holds until the next one.
    const lately = history.filter((_count, index) => (history[index + 1]?.atMs ?? this.nowMs) >= this.nowMs - STALE_MS);
    return Math.max(...lately.map((each) => each.count));
  }
}

const ownerOf = (pod: Pod | undefined): string | undefined =>
  pod?.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;

function wishOf(object: ApiObject): number | undefined {
  const { replicas, parallelism, hard } = (object as { readonly spec?: Wishes }).spec ?? {};
  return replicas ?? parallelism ?? (hard?.pods === undefined ? undefined : Number(hard.pods));
}

type Wishes = {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly hard?: { readonly pods?: string };
};

export function isActive(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isTerminal(pod);
}

export function isServing(pod: Pod): boolean {
  return isActive(pod) && isReady(pod);
}
