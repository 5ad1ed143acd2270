/** Judges the events of one watch, one after the other, by what a watch promises; knows nothing of the server. */
import type { ApiObject } from '#api/object';
import type { WatchEvent } from '#api/request';

export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export type WatchTerms = {
  /** The revision that the watch started from; undefined when it tells first what there is. */
  readonly since: number | undefined;
  /** The revision at which what there is was read, where that is known. */
  readonly readAt?: number | undefined;
  /** Whether a bookmark marks the end of what there was. */
  readonly endMarked: boolean;
  readonly bookmarks: boolean;
  /** Whether an event belongs to what was asked for. */
  readonly concerns: (object: ApiObject) => boolean;
};

/** What a watcher holds after what it was told. */
export type Replay = {
  readonly revision: number;
  /** By namespace and name; undefined: deleted. Without `complete`, what was there before the watch is not in it. */
  readonly objects: ReadonlyMap<string, ApiObject | undefined>;
  readonly complete: boolean;
};

export class EventChecker {
  readonly violations: string[] = [];
  readonly #terms: WatchTerms;
  readonly #objects = new Map<string, ApiObject | undefined>();
  // Until an event says otherwise, an addition may be part of what there was, whose revisions are in no order.
  #phase: 'initial' | 'perhaps initial' | 'live';
  #last: number;
  #ended = false;
  #endMarks = 0;

  constructor(terms: WatchTerms) {
    this.#terms = terms;
    this.#last = terms.since ?? 0;
    this.#phase = terms.endMarked ? 'initial' : terms.since === undefined ? 'perhaps initial' : 'live';
  }

  /** Undefined while it is not sure at which revision the watcher is. */
  get replay(): Replay | undefined {
    if (this.#phase !== 'live' || this.#ended) return undefined;
    return { revision: this.#last, objects: this.#objects, complete: this.#terms.since === undefined };
  }

  accept({ type, object }: WatchEvent): void {
    if (this.#ended) this.#violation(`${type} after the stream had failed`);
    if (type === 'ERROR') {
      this.#ended = true;
      return;
    }
    const { resourceVersion } = object.metadata;
    if (!/^[1-9]\d*$/.test(resourceVersion)) {
      this.#violation(`${type} with the resourceVersion ${JSON.stringify(resourceVersion)}`);
    } else if (type === 'BOOKMARK') this.#bookmark(object, Number(resourceVersion));
    else this.#change(type, object, Number(resourceVersion));
  }

  #bookmark({ metadata }: ApiObject, revision: number): void {
    const marksEnd = metadata.annotations?.[INITIAL_EVENTS_END] === 'true';
    if (marksEnd) this.#endMark();
    else if (!this.#terms.bookmarks) this.#violation(`a bookmark at ${revision} that nobody allowed`);
    else if (this.#phase === 'initial') this.#violation(`a bookmark at ${revision} before the end of what there was`);
    if (revision < this.#last) this.#violation(`a bookmark at ${revision} after ${this.#last}`);
    this.#phase = 'live';
    this.#last = Math.max(this.#last, revision);
  }

  #endMark(): void {
    this.#endMarks += 1;
    if (!this.#terms.endMarked) this.#violation('an end of what there was that nobody asked for');
    if (this.#endMarks > 1) this.#violation('a second end of what there was');
  }

  #change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject, revision: number): void {
    const key = keyOf(object);
    const what = `${type} ${key} at ${revision}`;
    if (!this.#terms.concerns(object)) this.#violation(`${what}, which was not asked for`);
    this.#order(type, revision, what);
    this.#state(type, object, what);
    this.#objects.set(key, type === 'DELETED' ? undefined : object);
    this.#last = Math.max(this.#last, revision);
  }

  #order(type: WatchEvent['type'], revision: number, what: string): void {
    if (this.#isInitial(type, revision)) {
      if (this.#terms.readAt !== undefined && revision > this.#terms.readAt) {
        this.#violation(`${what} before the end of what there was at ${this.#terms.readAt}`);
      }
      return;
    }
    if (this.#phase === 'initial') this.#violation(`${what} before the end of what there was`);
    this.#phase = 'live';
    if (revision <= this.#last) this.#violation(`${what} after ${this.#last}`);
  }

  #isInitial(type: WatchEvent['type'], revision: number): boolean {
    if (type !== 'ADDED' || this.#phase === 'live') return false;
    return this.#phase === 'initial' || this.#terms.readAt === undefined || revision <= this.#terms.readAt;
  }

  #state(type: WatchEvent['type'], object: ApiObject, what: string): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    // A watch that started from a revision has not been told what there was.
    const isKnown = this.#objects.has(key) || this.#terms.since === undefined;
    if (type === 'ADDED' && before !== undefined) this.#violation(`${what}, which was there`);
    if (type !== 'ADDED' && isKnown && before === undefined) this.#violation(`${what}, which was not there`);
    if (type !== 'ADDED' && before !== undefined && before.metadata.uid !== object.metadata.uid) {
      this.#violation(`${what}, which is another object than before`);
    }
  }

  #violation(text: string): void {
    this.violations.push(text);
  }
}

export const keyOf = ({ metadata: { namespace = '', name } }: ApiObject): string => `${namespace}/${name}`;
