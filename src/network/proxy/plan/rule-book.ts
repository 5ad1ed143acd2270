/** Keeps every owner's fronts, settles who serves a front that several claim, and tells what changed. */
import { type Element, frontElements, type BalancingChain, type FrontElements } from './elements.ts';
import { frontName, type Front } from './front.ts';
import { elementDifference, type RuleChange, type RuleSet } from './rule-set.ts';
import { RANGES_SET } from './skeleton.ts';
import { staleFlows, type StaleFlow } from './stale-flows.ts';

export type Owner = {
  readonly name: string;
  /** Of several that claim one front, the lowest rank serves it. */
  readonly rank: string;
};

export type BookChange = RuleChange & {
  /** Connections without an end of their own that lead to endpoints which are gone. */
  readonly staleFlows: readonly StaleFlow[];
};

type Claim = { readonly owner: Owner; readonly front: Front };
type Shown = { readonly front: Front; readonly made: FrontElements };

export class RuleBook {
  readonly #claims = new Map<string, Map<string, Claim>>();
  readonly #frontsOf = new Map<string, readonly string[]>();
  readonly #shown = new Map<string, Shown>();
  readonly #chains = new Map<string, { readonly chain: BalancingChain; readonly users: number }>();
  readonly #changed = new Set<string>();
  readonly #targets = new Map<string, number>();
  #ranges: readonly string[] = [];
  #shownRanges: readonly string[] = [];

  /** Replaces all fronts of an owner. */
  claim(owner: Owner, fronts: readonly Front[]): void {
    for (const name of this.#frontsOf.get(owner.name) ?? []) this.#withdraw(name, owner);
    for (const front of fronts) {
      const name = frontName(front);
      const claims = this.#claims.get(name) ?? new Map<string, Claim>();
      this.#claims.set(name, claims.set(owner.name, { owner, front }));
      this.#changed.add(name);
    }
    if (fronts.length === 0) this.#frontsOf.delete(owner.name);
    else this.#frontsOf.set(owner.name, fronts.map(frontName));
  }

  /** Which addresses are of services only: what nothing translates is refused there. */
  claimRanges(ranges: readonly string[]): void {
    this.#ranges = ranges;
  }

  /** What to change since the last time; from then on it counts as done. */
  takeChange(): BookChange {
    const change: Mutable<BookChange> = {
      addChains: [],
      removeElements: [],
      addElements: [],
      removeChains: [],
      staleFlows: [],
    };
    const chainsBefore = new Map([...this.#chains].map(([name, { chain }]) => [name, chain]));
    for (const name of this.#changed) this.#settle(name, change);
    this.#changed.clear();
    this.#settleRanges(change);
    for (const [name, { chain }] of this.#chains) if (!chainsBefore.has(name)) change.addChains.push(chain);
    for (const name of chainsBefore.keys()) if (!this.#chains.has(name)) change.removeChains.push(name);
    return change;
  }

  /** Everything that has been taken so far. */
  everything(): RuleSet {
    return {
      chains: [...this.#chains.values()].map(({ chain }) => chain),
      elements: [
        ...this.#shownRanges.map(rangeElement),
        ...[...this.#shown.values()].flatMap(({ made }) => made.elements),
      ],
    };
  }

  /** Whether anything taken so far leads to the address. */
  leadsTo(address: string): boolean {
    return this.#targets.has(address);
  }

  #withdraw(name: string, owner: Owner): void {
    const claims = this.#claims.get(name);
    claims?.delete(owner.name);
    if (claims?.size === 0) this.#claims.delete(name);
    this.#changed.add(name);
  }

  #settle(name: string, change: Mutable<BookChange>): void {
    const before = this.#shown.get(name);
    const front = winner(this.#claims.get(name));
    const after = front && { front, made: frontElements(front, before?.made.slots ?? []) };
    const { addElements, removeElements } = elementDifference(before?.made.elements ?? [], after?.made.elements ?? []);
    change.addElements.push(...addElements);
    change.removeElements.push(...removeElements);
    change.staleFlows.push(...staleFlows(before?.front, front));
    this.#show(name, after);
    this.#count(before, after);
  }

  #settleRanges(change: Mutable<BookChange>): void {
    const [before, after] = [this.#shownRanges.map(rangeElement), this.#ranges.map(rangeElement)];
    const { addElements, removeElements } = elementDifference(before, after);
    change.addElements.push(...addElements);
    change.removeElements.push(...removeElements);
    this.#shownRanges = this.#ranges;
  }

  #show(name: string, after: Shown | undefined): void {
    if (after === undefined) this.#shown.delete(name);
    else this.#shown.set(name, after);
  }

  #count(before: Shown | undefined, after: Shown | undefined): void {
    // Up before down, so that what stays does not look gone in between.
    if (after !== undefined) this.#countShown(after, 1);
    if (before !== undefined) this.#countShown(before, -1);
  }

  #countShown({ front, made: { chain } }: Shown, more: 1 | -1): void {
    for (const { address } of front.targets) {
      const leading = (this.#targets.get(address) ?? 0) + more;
      if (leading > 0) this.#targets.set(address, leading);
      else this.#targets.delete(address);
    }
    if (chain === undefined) return;
    const users = (this.#chains.get(chain.name)?.users ?? 0) + more;
    if (users > 0) this.#chains.set(chain.name, { chain, users });
    else this.#chains.delete(chain.name);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

const rangeElement = (range: string): Element => ({ map: RANGES_SET, key: range, value: '' });

function winner(claims: ReadonlyMap<string, Claim> | undefined): Front | undefined {
  let best: Claim | undefined;
  for (const claim of claims?.values() ?? []) {
    if (best === undefined || claim.owner.rank < best.owner.rank) best = claim;
  }
  return best?.front;
}
