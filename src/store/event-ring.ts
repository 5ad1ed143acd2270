/** The newest events, in order: what a watch resumes from and what a list of an older revision is rebuilt with. */
import { RevisionCompactedError, type Storable, type StoreEvent } from './store.ts';

export class EventRing {
  readonly #events: StoreEvent[] = [];
  readonly #capacity: number;
  #first = 0; // position, counted since the start, of the oldest event held
  #next = 0;
  #compactedRevision: number;

  /** `startRevision` is the revision of the state that the events build on. */
  constructor(capacity: number, startRevision: number) {
    this.#capacity = capacity;
    this.#compactedRevision = startRevision;
  }

  /** Reads and watches from before this revision cannot be answered. */
  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  push(event: StoreEvent): void {
    if (this.#next - this.#first === this.#capacity) {
      this.#compactedRevision = this.#at(this.#first).revision;
      this.#first++;
    }
    this.#events[this.#next % this.#capacity] = event;
    this.#next++;
  }

  /** Events newer than `revision`, oldest first. */
  since(revision: number): readonly StoreEvent[] {
    this.assertKnown(revision);
    const found: StoreEvent[] = [];
    for (let at = this.#positionAfter(revision); at < this.#next; at++) found.push(this.#at(at));
    return found;
  }

  /** For each key that changed after `revision`, its state at that revision (undefined: it did not exist). */
  undo(revision: number, prefix: string): ReadonlyMap<string, Storable | undefined> {
    this.assertKnown(revision);
    const before = new Map<string, Storable | undefined>();
    for (let at = this.#positionAfter(revision); at < this.#next; at++) {
      const { key, previous } = this.#at(at);
      if (key.startsWith(prefix) && !before.has(key)) before.set(key, previous);
    }
    return before;
  }

  assertKnown(revision: number): void {
    if (revision < this.#compactedRevision) throw new RevisionCompactedError(revision, this.#compactedRevision);
  }

  #at(position: number): StoreEvent {
    return this.#events[position % this.#capacity] as StoreEvent;
  }

  /** Binary search: the revisions in the ring only rise. */
  #positionAfter(revision: number): number {
    let low = this.#first;
    let high = this.#next;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
