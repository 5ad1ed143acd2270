/**
 * Sets of fields that are made element by element. Those that grow the same way become the same set: objects of one kind, written by one
 * component, mostly own the same fields, which then take no memory and are not made again.
 */
import { type FieldSet, NOTHING_BELOW, SELF } from './field-set.ts';

// Names of objects and addresses are elements too, and such sets are not met again; nor are large ones.
const MOST_WAYS_ON = 100;
const MOST_STEPS = 64;
const MOST_KNOWN = 20_000;
const LONGEST_ELEMENT = 200;

let known = 0;
let start: GrowingSet | undefined;

/** One step of growing. Immutable, but for what it knows of the steps that were taken from here before. */
export class GrowingSet {
  readonly #before: GrowingSet | undefined;
  readonly #element: string;
  readonly #below: FieldSet;
  readonly #steps: number;
  /** Undefined for a step that will not be met again. */
  readonly #waysOn: WaysOn | undefined;
  #set: FieldSet | undefined;

  private constructor(before: GrowingSet | undefined, element: string, below: FieldSet) {
    this.#before = before;
    this.#element = element;
    this.#below = below;
    this.#steps = before === undefined ? 0 : before.#steps + 1;
    this.#waysOn = before === undefined || before.#remembers(element, below) ? { leaves: new Map() } : undefined;
  }

  static empty(): GrowingSet {
    if (start === undefined || known > MOST_KNOWN) {
      known = 0;
      start = new GrowingSet(undefined, SELF, NOTHING_BELOW);
    }
    return start;
  }

  /** With an element that it does not have yet, and what is below that. */
  with(element: string, below: FieldSet): GrowingSet {
    const before = this.#waysBy(below)?.get(element);
    if (before !== undefined && before.#below === below) return before;
    const next = new GrowingSet(this, element, below);
    if (next.#waysOn === undefined) return next;
    this.#waysBy(below)?.set(element, next);
    known += 1;
    return next;
  }

  #remembers(element: string, below: FieldSet): boolean {
    const ways = this.#waysBy(below);
    if (ways === undefined || this.#steps >= MOST_STEPS || element.length > LONGEST_ELEMENT) return false;
    return ways.size < MOST_WAYS_ON || ways.has(element);
  }

  #waysBy(below: FieldSet): Map<string, GrowingSet> | undefined {
    if (this.#waysOn === undefined) return undefined;
    return below === NOTHING_BELOW ? this.#waysOn.leaves : (this.#waysOn.parts ??= new Map());
  }

  get isEmpty(): boolean {
    return this.#before === undefined;
  }

  /** Frozen. */
  get set(): FieldSet {
    return (this.#set ??= this.#made());
  }

  #made(): FieldSet {
    if (this.isEmpty) return NOTHING_BELOW;
    const elements = [this.#element];
    const below = [this.#below];
    let before = this.#before;
    while (before !== undefined && !before.isEmpty) {
      elements.push(before.#element);
      below.push(before.#below);
      before = before.#before;
    }
    const set: Record<string, FieldSet> = {};
    for (let at = elements.length - 1; at >= 0; at--) set[elements[at]!] = below[at]!;
    return Object.freeze(set);
  }
}

/** Apart, as one name may stand for a leaf in one place and for a part in another. */
type WaysOn = { readonly leaves: Map<string, GrowingSet>; parts?: Map<string, GrowingSet> };
