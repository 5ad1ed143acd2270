/**
 * Sets of fields that are made element by element. Those that grow the same way become the same set: objects of one kind, written by one
 * component, mostly own the same fields, which then take no memory and are not made again.
 */
import { type FieldSet, NOTHING_BELOW, SELF } from './field-set.ts';

// Names of objects and addresses are elements too, and such sets are not met again; nor are large ones.
const MOST_WAYS_ON = 100;
const MOST_PARTS = 100;
const MOST_STEPS = 64;
const MOST_KNOWN = 20_000;
// They may have taken the places of others by now.
const MOST_UNKNOWN = 100_000;
const LONGEST_ELEMENT = 200;

let known = 0;
let unknown = 0;
// Those that are met again. All that is below them is among them, too.
const shared = new WeakSet<object>();
let start: GrowingSet | undefined;
// Of those that are not met again, yet are made of parts that are shared: mostly it is asked about next.
let latestMade: FieldSet | undefined;

/**
 * One step of growing. Immutable, but for what it knows of the steps that were taken from here before. The first step that will not be
 * met again belongs to who takes it: further ones change it.
 */
export class GrowingSet {
  readonly #before: GrowingSet | undefined;
  readonly #element: string;
  readonly #below: FieldSet;
  readonly #steps: number;
  /** Undefined for a step that will not be met again. */
  readonly #waysOn: WaysOn | undefined;
  /** What a step that will not be met again has grown to. */
  readonly #own: Record<string, FieldSet> | undefined;
  /** Whether all that is below is as shared as it can be. */
  readonly #ofShared: boolean;
  #set: FieldSet | undefined;
  /** The step that was taken last from here: mostly it is taken again, and then found without looking it up. */
  #last: GrowingSet | undefined;

  private constructor(before: GrowingSet | undefined, element: string, below: FieldSet) {
    this.#before = before;
    this.#element = element;
    this.#below = below;
    this.#steps = before === undefined ? 0 : before.#steps + 1;
    this.#waysOn = before === undefined || before.#remembers(element, below) ? {} : undefined;
    const soFar = before === undefined || before.#ofShared;
    this.#ofShared = this.isMet || (soFar && (below === latestMade || isShared(below)));
    if (this.#waysOn !== undefined) return;
    this.#own = { ...before?.set };
    this.#own[element] = below;
  }

  static empty(): GrowingSet {
    if (start === undefined || known > MOST_KNOWN || unknown > MOST_UNKNOWN) {
      known = 0;
      unknown = 0;
      start = new GrowingSet(undefined, SELF, NOTHING_BELOW);
    }
    return start;
  }

  /** With an element that it does not have yet, and what is below that. */
  with(element: string, below: FieldSet): GrowingSet {
    if (this.#own !== undefined) {
      this.#own[element] = below;
      return this;
    }
    const last = this.#last;
    if (last !== undefined && last.#element === element && last.#below === below) return last;
    const before = this.#waysBy(below)?.get(element);
    if (before !== undefined) return (this.#last = before);
    const next = new GrowingSet(this, element, below);
    if (next.isMet) this.#newWaysBy(below).set(element, next);
    if (next.isMet) known += 1;
    else unknown += 1;
    return next;
  }

  #remembers(element: string, below: FieldSet): boolean {
    if (this.#waysOn === undefined || !isShared(below)) return false;
    if (this.#steps >= MOST_STEPS || element.length > LONGEST_ELEMENT) return false;
    return (this.#waysBy(below)?.size ?? 0) < MOST_WAYS_ON;
  }

  #waysBy(below: FieldSet): Map<string, GrowingSet> | undefined {
    return below === NOTHING_BELOW ? this.#waysOn?.leaves : this.#waysOn?.parts?.get(below);
  }

  #newWaysBy(below: FieldSet): Map<string, GrowingSet> {
    const known = this.#waysBy(below);
    if (known !== undefined) return known;
    const ways = new Map<string, GrowingSet>();
    if (this.#waysOn === undefined) return ways;
    if (below === NOTHING_BELOW) {
      this.#waysOn.leaves = ways;
      return ways;
    }
    const parts = (this.#waysOn.parts ??= new Map());
    // What is met all the time is soon there again.
    if (parts.size >= MOST_PARTS) {
      parts.clear();
      this.#last = undefined;
    }
    parts.set(below, ways);
    return ways;
  }

  /** Whether who grows the same way comes by here. */
  get isMet(): boolean {
    return this.#waysOn !== undefined;
  }

  get isEmpty(): boolean {
    return this.#before === undefined;
  }

  /** Frozen. */
  get set(): FieldSet {
    if (this.#set !== undefined) return this.#set;
    this.#set = this.#made();
    if (this.isMet) shared.add(this.#set);
    else if (this.#ofShared) latestMade = this.#set;
    return this.#set;
  }

  #made(): FieldSet {
    if (this.#own !== undefined) return Object.freeze(this.#own);
    if (this.isEmpty) return NOTHING_BELOW;
    const steps: GrowingSet[] = [this];
    for (let before = this.#before; before?.isEmpty === false; before = before.#before) steps.push(before);
    const set: Record<string, FieldSet> = {};
    for (let at = steps.length - 1; at >= 0; at--) set[steps[at]!.#element] = steps[at]!.#below;
    return Object.freeze(set);
  }
}

/** Whether sets equal to this one are this one. */
export const isShared = (set: object): boolean => set === NOTHING_BELOW || shared.has(set);

/** The same set, made of parts that equal sets share, as far as they are met again. */
export function sharedSet(set: FieldSet): FieldSet {
  if (set === latestMade || isShared(set)) return set;
  let same = true;
  let grown = GrowingSet.empty();
  // Not `for in`, which leaves a list of the names behind with each set that has names of its own.
  const parts = Object.entries(set);
  for (const part of parts) {
    const [element, before] = part;
    part[1] = sharedSet(before);
    same &&= part[1] === before;
    if (grown.isMet) grown = grown.with(element, part[1]);
  }
  if (grown.isMet) return grown.set;
  return same ? set : Object.freeze(Object.fromEntries(parts));
}

/** Each by its element; those with something below them apart for each of what that may be. */
type WaysOn = { leaves?: Map<string, GrowingSet>; parts?: Map<FieldSet, Map<string, GrowingSet>> };
