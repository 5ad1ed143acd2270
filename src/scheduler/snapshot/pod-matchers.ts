/** Counts, by slot, the pods that terms mean; pods that cannot be told apart by any term are counted together. */
import type { Pod } from '#api/core/pod';
import type { Labels } from '#api/meta/label-selector';
import { isNamespaceMeant, matchesTerm, type NamespaceLabels, type PodTerm } from './pod-term.ts';
import { SlotCounts } from './slot-counts.ts';
import { TermIndex } from './term-index.ts';

/** Pods that all terms mean. */
export class PodMatcher {
  readonly key: string;
  readonly terms: readonly PodTerm[];
  readonly counts: Terminating;
  readonly slots: SlotCounts;
  total = 0;
  users = 0;

  constructor(key: string, terms: readonly PodTerm[], { counts, capacity }: { counts: Terminating; capacity: number }) {
    this.key = key;
    this.terms = terms;
    this.counts = counts;
    this.slots = new SlotCounts(capacity);
  }
}

/** Whether pods that are being deleted count too. */
export type Terminating = 'all' | 'staying';

type PodClass = {
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly isTerminating: boolean;
  readonly slots: Map<number, number>;
  matchers: readonly PodMatcher[];
};

export class PodMatchers {
  readonly #classes = new Map<string, PodClass>();
  readonly #matchers = new Map<string, PodMatcher>();
  readonly #index = new TermIndex<PodMatcher>();
  readonly #labelsOf: NamespaceLabels;

  constructor(labelsOf: NamespaceLabels) {
    this.#labelsOf = labelsOf;
  }

  addPod(pod: Pod, slot: number): void {
    const found = this.#classFor(pod);
    found.slots.set(slot, (found.slots.get(slot) ?? 0) + 1);
    for (const matcher of found.matchers) count(matcher, slot, 1);
  }

  /** `pod` as it was added. */
  removePod(pod: Pod, slot: number): void {
    const found = this.#classFor(pod);
    const left = (found.slots.get(slot) ?? 0) - 1;
    if (left > 0) found.slots.set(slot, left);
    else found.slots.delete(slot);
    for (const matcher of found.matchers) count(matcher, slot, -1);
    if (found.slots.size === 0) this.#classes.delete(found.key);
  }

  /** Kept up to date until it is released as often as it was acquired. */
  acquire(terms: readonly PodTerm[], counts: Terminating): PodMatcher {
    const key = `${counts} ${terms.map(({ text }) => text).join(' ')}`;
    const matcher = this.#matchers.get(key) ?? this.#add(key, terms, counts);
    matcher.users++;
    return matcher;
  }

  release(matcher: PodMatcher): void {
    matcher.users--;
    if (matcher.users > 0) return;
    this.#matchers.delete(matcher.key);
    for (const term of matcher.terms.slice(0, 1)) this.#index.delete(matcher, term);
    for (const each of this.#classes.values())
      if (each.matchers.includes(matcher)) each.matchers = each.matchers.filter((other) => other !== matcher);
  }

  /** The labels of a namespace have changed: its pods may be meant by other terms. Returns whether any count moved. */
  recount(namespace: string, before: Labels): boolean {
    const moved = [...this.#matchers.values()].filter(({ terms }) =>
      terms.some(
        (term) => isNamespaceMeant(term, namespace, () => before) !== isNamespaceMeant(term, namespace, this.#labelsOf),
      ),
    );
    if (moved.length === 0) return false;
    for (const each of this.#classes.values()) if (each.namespace === namespace) this.#rematch(each);
    return true;
  }

  #rematch(each: PodClass): void {
    for (const matcher of each.matchers) for (const [slot, pods] of each.slots) count(matcher, slot, -pods);
    each.matchers = this.#matchersFor(each);
    for (const matcher of each.matchers) for (const [slot, pods] of each.slots) count(matcher, slot, pods);
  }

  #add(key: string, terms: readonly PodTerm[], counts: Terminating): PodMatcher {
    const matcher = new PodMatcher(key, terms, { counts, capacity: 64 });
    this.#matchers.set(key, matcher);
    for (const term of terms.slice(0, 1)) this.#index.add(matcher, term);
    for (const each of this.#classes.values()) {
      if (!this.#isMeant(each, matcher)) continue;
      each.matchers = [...each.matchers, matcher];
      for (const [slot, pods] of each.slots) count(matcher, slot, pods);
    }
    return matcher;
  }

  #classFor({ metadata: { namespace = '', labels, deletionTimestamp } }: Pod): PodClass {
    const isTerminating = deletionTimestamp !== undefined;
    const key = `${namespace} ${Number(isTerminating)}${labelsText(labels)}`;
    const known = this.#classes.get(key);
    if (known !== undefined) return known;
    const made = { key, namespace, labels, isTerminating, slots: new Map<number, number>(), matchers: [] };
    const found: PodClass = { ...made, matchers: this.#matchersFor(made) };
    this.#classes.set(key, found);
    return found;
  }

  #matchersFor(each: PodClass): readonly PodMatcher[] {
    return [...this.#index.candidates(each.labels)].filter((matcher) => this.#isMeant(each, matcher));
  }

  #isMeant({ namespace, labels, isTerminating }: PodClass, { terms, counts }: PodMatcher): boolean {
    if (isTerminating && counts === 'staying') return false;
    return terms.every((term) => matchesTerm(term, { namespace, labels }, this.#labelsOf));
  }
}

function count(matcher: PodMatcher, slot: number, pods: number): void {
  matcher.slots.add(slot, pods);
  matcher.total += pods;
}

const NO_LABELS = {};

function hasAny(labels: object): boolean {
  for (const _ in labels) return true;
  return false;
}

const texts = new WeakMap<object, string>();

/** Pods of one template often share their labels by reference. */
function labelsText(labels: Labels = NO_LABELS): string {
  if (!hasAny(labels)) return '';
  const known = texts.get(labels);
  if (known !== undefined) return known;
  const text = Object.keys(labels)
    .toSorted()
    .map((key) => `\n${key}=${labels[key]}`)
    .join('');
  texts.set(labels, text);
  return text;
}
