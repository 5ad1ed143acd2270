/** Finds the terms that may mean a pod by one of its labels, so that not every term is tried on every pod. */
import type { Labels } from '#api/meta/label-selector';
import type { PodTerm } from './pod-term.ts';

export class TermIndex<T> {
  readonly #byLabel = new Map<string, Set<T>>();
  /** Of terms that ask for no label in particular. */
  readonly #rest = new Set<T>();

  add(item: T, term: PodTerm): void {
    const labels = labelsAskedFor(term);
    if (labels === undefined) this.#rest.add(item);
    else
      for (const label of labels) {
        const known = this.#byLabel.get(label) ?? new Set();
        this.#byLabel.set(label, known.add(item));
      }
  }

  delete(item: T, term: PodTerm): void {
    this.#rest.delete(item);
    for (const label of labelsAskedFor(term) ?? []) {
      const known = this.#byLabel.get(label);
      known?.delete(item);
      if (known?.size === 0) this.#byLabel.delete(label);
    }
  }

  *candidates(labels: Labels): Generator<T> {
    yield* this.#rest;
    for (const [key, value] of Object.entries(labels ?? {})) yield* this.#byLabel.get(`${key}=${value}`) ?? [];
  }
}

/** The labels of which a pod must have one, by the first requirement that says so. */
function labelsAskedFor({ selector }: PodTerm): readonly string[] | undefined {
  const asking = selector.requirements.find(({ operator }) => operator === '=' || operator === 'in');
  return asking?.values.map((value) => `${asking.key}=${value}`);
}
