/** Pods that wait for a node: ready to be tried, backing off, set aside until something happens that can help them, or held back by a gate. */
import type { Pod } from '#api/core/pod';
import { backoffMs } from '#base/backoff';
import { Heap } from '#base/heap';
import type { Timer, World } from '#base/world';
import { EventsInFlight } from './events-in-flight.ts';
import { RefusedPods } from './refused-pods.ts';

/** Upstream's podInitialBackoffSeconds and podMaxBackoffSeconds. */
export type QueueBackoff = { readonly baseMs: number; readonly capMs: number };

/** `E`: what may happen to the cluster. */
export type QueueOptions<E> = {
  readonly world: World;
  /** Called whenever a pod becomes ready to be tried. */
  readonly onActive: () => void;
  /** Whether the event may help a pod that the plugin refused. */
  readonly helps: (plugin: string, event: E, pod: Pod) => boolean;
  /** Whether the event may help any pod that the plugin refused: asked first, and once for all of them. */
  readonly listens?: (plugin: string, event: E) => boolean;
  /** Pods of one kind are helped by the same events. Undefined for a pod that is like no other. */
  readonly kindOf?: (pod: Pod) => string | undefined;
  /** What it means for a waiting pod that its spec or labels are other ones now. */
  readonly ownChange?: (before: Pod, after: Pod) => E;
  /** The plugin that does not want the pod to be tried yet. */
  readonly heldBackBy?: (pod: Pod) => string | undefined;
  readonly backoff?: QueueBackoff;
};

type Place = 'active' | 'backoff' | 'aside' | 'held back' | 'in flight';

/** A place in a heap. It counts only as long as the pod's `turn` is this one. */
type Turn = { readonly waiting: Waiting; readonly priority: number; readonly since: number; readonly atMs: number };

type Waiting = {
  pod: Pod;
  /** Counts up: who waits longer comes first among equals. */
  since: number;
  attempts: number;
  place: Place;
  turn: Turn | undefined;
  /** The end of the back-off, in milliseconds since the epoch. */
  notBeforeMs: number;
  /** When it comes back though nothing has helped. */
  flushMs: number;
  refusedBy: ReadonlySet<string>;
  /** As it was filed with those that refused it. */
  kind: string;
  /** The first event that came after it was taken. */
  eventsFrom: number;
};

const DEFAULT_BACKOFF: QueueBackoff = { baseMs: 1000, capMs: 10_000 };
// Upstream's podMaxInUnschedulablePodsDuration.
const ASIDE_AT_MOST_MS = 300_000;
const NONE: ReadonlySet<string> = new Set();

export class SchedulingQueue<E> implements Disposable {
  readonly #options: QueueOptions<E>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #active = new Heap<Turn>((left, right) => right.priority - left.priority || left.since - right.since);
  readonly #backoff = new Heap<Turn>((left, right) => left.atMs - right.atMs);
  /** In the order in which they were set aside, so that the first is the first to come back. */
  readonly #aside = new Set<Waiting>();
  /** Those set aside or held back, by the plugins that refused them. */
  readonly #refused = new RefusedPods<Waiting>();
  readonly #events = new EventsInFlight<E>();
  #timer: { readonly atMs: number; readonly timer: Timer } | undefined;
  #turns = 0;

  constructor(options: QueueOptions<E>) {
    this.#options = options;
  }

  /** Adds a pod, or takes note of its new state; a pod that was set aside is tried again when its spec or labels changed for the better. */
  set(pod: Pod): void {
    const known = this.#waiting.get(pod.metadata.uid);
    if (known === undefined) return this.#add(pod);
    const before = known.pod;
    known.pod = pod;
    if (before.spec === pod.spec && before.metadata.labels === pod.metadata.labels) return;
    if (known.place === 'held back') this.#admit(known);
    if (known.place !== 'aside') return;
    if (this.#isBetterOff(known, before)) this.#wake(known);
    else this.#refile(known);
  }

  #isBetterOff({ pod, refusedBy }: Waiting, before: Pod): boolean {
    const event = this.#options.ownChange?.(before, pod);
    return event === undefined || this.#helpsAny(refusedBy, event, pod);
  }

  /** What held the pod back may have ended. */
  recheck(uid: string): void {
    const known = this.#waiting.get(uid);
    if (known?.place === 'held back') this.#admit(known);
  }

  delete(uid: string): void {
    const known = this.#waiting.get(uid);
    if (known === undefined) return;
    this.#leave(known);
    this.#waiting.delete(uid); // what is left of it in a heap is skipped
  }

  has(uid: string): boolean {
    return this.#waiting.has(uid);
  }

  /** Pods that were refused, or are held back. */
  *refused(): Generator<Pod> {
    for (const { pod, place } of this.#waiting.values()) if (place === 'aside' || place === 'held back') yield pod;
  }

  /** The next pod to try, highest priority first, then the one that has waited longest. It stays in the queue until deleted. */
  pop(): Pod | undefined {
    for (let next = this.#active.pop(); next !== undefined; next = this.#active.pop()) {
      if (next.waiting.turn === next) return this.#take(next.waiting);
    }
    return undefined;
  }

  /** Takes a pod out of its turn, wherever it waits. */
  take(uid: string): Pod | undefined {
    const known = this.#waiting.get(uid);
    if (known === undefined || known.place === 'in flight' || known.place === 'held back') return undefined;
    return this.#take(known);
  }

  /** The pod goes to a node; the queue remembers only how often it was tried. */
  decided(uid: string): void {
    const known = this.#waiting.get(uid);
    if (known !== undefined) this.#land(known);
  }

  /** The plugins refused it: it waits for an event that can help, or five minutes. What happened meanwhile counts. */
  setAside(uid: string, refusedBy: ReadonlySet<string>): void {
    const known = this.#waiting.get(uid);
    if (known === undefined) return;
    const missed = this.#land(known);
    this.#endTry(known);
    if (missed.some((event) => this.#helpsAny(refusedBy, event, known.pod))) return this.#wake(known);
    known.place = 'aside';
    known.flushMs = this.#options.world.clock.now() + ASIDE_AT_MOST_MS;
    this.#aside.add(known);
    this.#file(known, refusedBy);
    this.#arm();
  }

  /** Something failed that may work next time: the pod comes back after its back-off. */
  retry(uid: string): void {
    const known = this.#waiting.get(uid);
    if (known === undefined) return;
    this.#endTry(known);
    this.#wake(known);
  }

  /** Something happened: the pods that it may help come back after their back-off. */
  wake(event: E): void {
    this.#events.add(event);
    const { helps, listens } = this.#options;
    const helped = this.#refused.helped(
      (plugin) => listens?.(plugin, event) !== false,
      (plugin, { pod }) => helps(plugin, event, pod),
    );
    for (const each of helped) {
      if (each.place === 'held back') this.#admit(each);
      else this.#wake(each);
    }
  }

  /** Whether the pod was set aside or is backing off. */
  isResting(uid: string): boolean {
    const place = this.#waiting.get(uid)?.place;
    return place === 'aside' || place === 'backoff';
  }

  /** Brings pods back that rest, without waiting. */
  activate(uids: Iterable<string>): void {
    for (const uid of uids) {
      const known = this.#waiting.get(uid);
      if (known === undefined || !this.isResting(uid)) continue;
      this.#leave(known);
      this.#activate(known);
    }
  }

  [Symbol.dispose](): void {
    this.#timer?.timer[Symbol.dispose]();
    this.#waiting.clear();
  }

  #add(pod: Pod): void {
    const waiting: Waiting = {
      pod,
      since: this.#turns++,
      attempts: 0,
      place: 'held back',
      turn: undefined,
      notBeforeMs: 0,
      flushMs: 0,
      refusedBy: NONE,
      kind: '',
      eventsFrom: -1,
    };
    this.#waiting.set(pod.metadata.uid, waiting);
    this.#admit(waiting);
  }

  /** Asks the gates. */
  #admit(waiting: Waiting): void {
    this.#leave(waiting);
    const plugin = this.#options.heldBackBy?.(waiting.pod);
    if (plugin === undefined) return this.#activate(waiting);
    waiting.place = 'held back';
    this.#file(waiting, new Set([plugin]));
  }

  #take(waiting: Waiting): Pod {
    this.#leave(waiting);
    waiting.attempts++;
    waiting.place = 'in flight';
    waiting.eventsFrom = this.#events.begin();
    return waiting.pod;
  }

  #endTry(waiting: Waiting): void {
    this.#leave(waiting);
    waiting.since = this.#turns++;
    const { world, backoff = DEFAULT_BACKOFF } = this.#options;
    waiting.notBeforeMs = world.clock.now() + backoffMs(waiting.attempts, backoff, world.random);
  }

  #helpsAny(plugins: ReadonlySet<string>, event: E, pod: Pod): boolean {
    for (const plugin of plugins) if (this.#options.helps(plugin, event, pod)) return true;
    return false;
  }

  #wake(waiting: Waiting): void {
    this.#leave(waiting);
    if (waiting.notBeforeMs <= this.#options.world.clock.now()) return this.#admit(waiting);
    waiting.place = 'backoff';
    this.#backoff.push(this.#turnOf(waiting));
    this.#arm();
  }

  #activate(waiting: Waiting): void {
    waiting.place = 'active';
    this.#active.push(this.#turnOf(waiting));
    this.#options.onActive();
  }

  #turnOf(waiting: Waiting): Turn {
    const { pod, since, notBeforeMs } = waiting;
    return (waiting.turn = { waiting, priority: pod.spec.priority ?? 0, since, atMs: notBeforeMs });
  }

  #file(waiting: Waiting, refusedBy: ReadonlySet<string>): void {
    waiting.refusedBy = refusedBy;
    waiting.kind = this.#options.kindOf?.(waiting.pod) ?? waiting.pod.metadata.uid;
    this.#refused.add(waiting, refusedBy, waiting.kind);
  }

  /** It is of another kind now. */
  #refile(waiting: Waiting): void {
    const { refusedBy } = waiting;
    this.#refused.delete(waiting, refusedBy, waiting.kind);
    this.#file(waiting, refusedBy);
  }

  #land(waiting: Waiting): readonly E[] {
    const missed = this.#events.end(waiting.eventsFrom);
    waiting.eventsFrom = -1;
    return missed;
  }

  #leave(waiting: Waiting): void {
    this.#land(waiting);
    waiting.turn = undefined;
    this.#aside.delete(waiting);
    this.#refused.delete(waiting, waiting.refusedBy, waiting.kind);
    waiting.refusedBy = NONE;
  }

  /** One timer for whoever comes back first. */
  #arm(): void {
    const atMs = Math.min(this.#backoffEndMs(), this.#firstAside()?.flushMs ?? Infinity);
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.timer[Symbol.dispose]();
    this.#timer = undefined;
    if (atMs === Infinity) return;
    const { clock } = this.#options.world;
    this.#timer = { atMs, timer: clock.setTimer(atMs - clock.now(), () => this.#comeBack()) };
  }

  #comeBack(): void {
    this.#timer = undefined;
    const nowMs = this.#options.world.clock.now();
    while (this.#backoffEndMs() <= nowMs) this.#admit((this.#backoff.pop() as Turn).waiting);
    for (let first = this.#firstAside(); first !== undefined && first.flushMs <= nowMs; first = this.#firstAside())
      this.#wake(first);
    this.#arm();
  }

  #firstAside(): Waiting | undefined {
    return this.#aside.values().next().value;
  }

  #backoffEndMs(): number {
    for (let first = this.#backoff.peek(); first !== undefined; first = this.#backoff.peek()) {
      if (first.waiting.turn === first) return first.atMs;
      this.#backoff.pop();
    }
    return Infinity;
  }
}
