/** The labels that some term or selector asks pods for: pods that differ in no other label are alike to scheduling. */
import type { Labels, Selector } from '#api/meta/label-selector';

export class LabelKeys {
  readonly #keys = new Set<string>();
  #sorted: readonly string[] = [];

  addSelector({ requirements }: Selector): void {
    for (const { key } of requirements) this.add(key);
  }

  add(key: string): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#sorted = [...this.#keys].toSorted();
  }

  /** How many there are; none is ever forgotten, so the number stands for the set. */
  get size(): number {
    return this.#keys.size;
  }

  /** The pod's values of these labels, and of those it asks for itself. */
  textOf(labels: Labels, own: readonly string[]): string {
    if (labels === undefined || (this.#sorted.length === 0 && own.length === 0)) return '';
    let text = '';
    for (const key of this.#sorted) if (Object.hasOwn(labels, key)) text += `${key}=${labels[key]},`;
    for (const key of own) if (!this.#keys.has(key) && Object.hasOwn(labels, key)) text += `${key}=${labels[key]},`;
    return text;
  }
}
