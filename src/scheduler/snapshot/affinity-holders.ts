/** The terms that pods with a node hold about other pods, and in which slots their holders are. */
import { type AffinityTerm, type AffinityTerms, affinityTerms } from './affinity-terms.ts';
import type { LabelKeys } from './label-keys.ts';
import type { PodShape } from './pod-shape.ts';
import { matchesTerm, type Meant, type NamespaceLabels } from './pod-term.ts';
import { SlotCounts } from './slot-counts.ts';
import { TermIndex } from './term-index.ts';

type Kind = 'required' | 'required anti' | 'preferred';

/** `slots`: how many holders there are, or for preferences, the sum of their weights. */
export type HeldTerm = AffinityTerm & {
  readonly key: string;
  readonly kind: Kind;
  readonly slots: SlotCounts;
  holders: number;
};

type Holding = { readonly held: HeldTerm; readonly weight: number };

const NOTHING: readonly HeldTerm[] = [];
const KEPT_AT_MOST = 10_000;

export class AffinityHolders {
  readonly #terms = new Map<string, HeldTerm>();
  readonly #index = new TermIndex<HeldTerm>();
  #holdings = new WeakMap<AffinityTerms, readonly Holding[]>();
  readonly #keys: LabelKeys;
  readonly #labelsOf: NamespaceLabels;
  /** What was found to concern whom, until a term comes or goes. */
  readonly #found = new Map<string, { readonly version: number; readonly terms: readonly HeldTerm[] }>();
  #version = 0;

  constructor(keys: LabelKeys, labelsOf: NamespaceLabels) {
    this.#keys = keys;
    this.#labelsOf = labelsOf;
  }

  addPod(shape: PodShape, namespace: string, slot: number): void {
    for (const { held, weight } of this.#holdingsOf(shape, namespace)) {
      held.slots.add(slot, weight);
      if (held.holders++ === 0) this.#enter(held);
    }
  }

  removePod(shape: PodShape, namespace: string, slot: number): void {
    for (const { held, weight } of this.#holdingsOf(shape, namespace)) {
      held.slots.add(slot, -weight);
      if (--held.holders === 0) this.#leave(held);
    }
  }

  /** The terms that mean the pod. As long as they are the same, so is the list. */
  about(meant: Meant, labelsText: string): readonly HeldTerm[] {
    if (this.#terms.size === 0) return NOTHING;
    const key = `${meant.namespace} ${labelsText}`;
    const known = this.#found.get(key);
    if (known?.version === this.#version) return known.terms;
    const found = [...this.#index.candidates(meant.labels)].filter(({ term }) =>
      matchesTerm(term, meant, this.#labelsOf),
    );
    const terms =
      known !== undefined && isSame(known.terms, found) ? known.terms : found.length === 0 ? NOTHING : found;
    if (this.#found.size >= KEPT_AT_MOST) this.#found.clear();
    this.#found.set(key, { version: this.#version, terms });
    return terms;
  }

  /** Labels of a namespace have changed. */
  forget(): void {
    this.#version++;
  }

  #holdingsOf(shape: PodShape, namespace: string): readonly Holding[] {
    const terms = affinityTerms(shape, namespace);
    const known = this.#holdings.get(terms);
    if (known !== undefined) return known;
    const holdings = [
      ...terms.required.map((term) => ({ held: this.#held('required', term), weight: 1 })),
      ...terms.requiredAnti.map((term) => ({ held: this.#held('required anti', term), weight: 1 })),
      ...terms.preferred.map(({ weight, ...term }) => ({ held: this.#held('preferred', term), weight })),
    ];
    this.#holdings.set(terms, holdings);
    return holdings;
  }

  #held(kind: Kind, { term, topologyKey }: AffinityTerm): HeldTerm {
    const key = `${kind} ${topologyKey} ${term.text}`;
    const known = this.#terms.get(key);
    if (known !== undefined) return known;
    const held = { key, kind, term, topologyKey, slots: new SlotCounts(64), holders: 0 };
    this.#terms.set(key, held);
    return held;
  }

  #enter(held: HeldTerm): void {
    this.#index.add(held, held.term);
    this.#keys.addSelector(held.term.selector);
    this.#version++;
  }

  #leave(held: HeldTerm): void {
    this.#terms.delete(held.key);
    this.#holdings = new WeakMap(); // a later holder of the term makes it anew
    this.#index.delete(held, held.term);
    this.#version++;
  }
}

const isSame = (left: readonly HeldTerm[], right: readonly HeldTerm[]): boolean =>
  left.length === right.length && left.every((held) => right.includes(held));
