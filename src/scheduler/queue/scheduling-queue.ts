/** Pods that wait for a node: ready to be tried, backing off, or set aside until something changes that can help them. */
import { Heap } from '#base/heap';
import { backoffMs } from '#base/backoff';
import type { Pod } from '#api/core/pod';
import type { World } from '#base/world';

type Waiting = {
  pod: Pod;
  readonly arrived: number;
  attempts: number;
  /** Not before this time, in milliseconds since the epoch. */
  notBeforeMs: number;
  place: 'active' | 'backoff' | 'aside';
  timer: Disposable | undefined;
};

// Upstream's podInitialBackoffSeconds, podMaxBackoffSeconds and podMaxInUnschedulablePodsDuration.
const BACKOFF = { baseMs: 1000, capMs: 10_000, jitter: 0 };
const ASIDE_AT_MOST_MS = 300_000;

export class SchedulingQueue implements Disposable {
  readonly #waiting = new Map<string, Waiting>();
  readonly #active = new Heap<Waiting>(
    (left, right) => priority(right) - priority(left) || left.arrived - right.arrived,
  );
  readonly #world: World;
  readonly #onActive: () => void;
  #arrivals = 0;

  /** `onActive` is called whenever a pod becomes ready to be tried. */
  constructor(world: World, onActive: () => void) {
    this.#world = world;
    this.#onActive = onActive;
  }

  /** Adds a pod, or takes note of its new state; a pod that was set aside is tried again when its spec changed. */
  set(pod: Pod): void {
    const known = this.#waiting.get(pod.metadata.uid);
    if (known === undefined) {
      const waiting: Waiting = {
        pod,
        arrived: this.#arrivals++,
        attempts: 0,
        notBeforeMs: 0,
        place: 'aside',
        timer: undefined,
      };
      this.#waiting.set(pod.metadata.uid, waiting);
      return this.#activate(waiting);
    }
    const changed = known.pod.spec !== pod.spec || known.pod.metadata.labels !== pod.metadata.labels;
    known.pod = pod;
    if (changed && known.place === 'aside') this.#wake(known);
  }

  delete(uid: string): void {
    const known = this.#waiting.get(uid);
    this.#waiting.delete(uid); // what is left of it in the heap is skipped by pop
    known?.timer?.[Symbol.dispose]();
  }

  /** The next pod to try, highest priority first, then the one that has waited longest. It stays in the queue until deleted. */
  pop(): Pod | undefined {
    for (let next = this.#active.pop(); next !== undefined; next = this.#active.pop()) {
      if (this.#waiting.get(next.pod.metadata.uid) !== next) continue;
      next.attempts++;
      next.place = 'aside';
      return next.pod;
    }
    return undefined;
  }

  /** Nothing helps but a change: the pod waits for `wake`, or five minutes. */
  setAside(uid: string): void {
    const known = this.#waiting.get(uid);
    if (known === undefined) return;
    known.notBeforeMs = this.#world.clock.now() + this.#backoff(known);
    this.#after(known, ASIDE_AT_MOST_MS, 'aside');
  }

  /** Something failed that may work next time: the pod comes back after its back-off. */
  retry(uid: string): void {
    const known = this.#waiting.get(uid);
    if (known !== undefined) this.#after(known, this.#backoff(known), 'backoff');
  }

  /** Something changed: the pods that were set aside and that `helps` says it may help come back after their back-off. */
  wake(helps: (uid: string) => boolean): void {
    for (const [uid, waiting] of this.#waiting) if (waiting.place === 'aside' && helps(uid)) this.#wake(waiting);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#waiting.values()) timer?.[Symbol.dispose]();
    this.#waiting.clear();
  }

  #backoff({ attempts }: Waiting): number {
    return backoffMs(attempts, BACKOFF, this.#world.random);
  }

  #wake(waiting: Waiting): void {
    const leftMs = waiting.notBeforeMs - this.#world.clock.now();
    if (leftMs <= 0) this.#activate(waiting);
    else this.#after(waiting, leftMs, 'backoff');
  }

  #after(waiting: Waiting, delayMs: number, place: 'backoff' | 'aside'): void {
    waiting.timer?.[Symbol.dispose]();
    waiting.place = place;
    waiting.timer = this.#world.clock.setTimer(delayMs, () => this.#activate(waiting));
  }

  #activate(waiting: Waiting): void {
    waiting.timer?.[Symbol.dispose]();
    waiting.timer = undefined;
    waiting.place = 'active';
    this.#active.push(waiting);
    this.#onActive();
  }
}

const priority = ({ pod }: Waiting): number => pod.spec.priority ?? 0;
