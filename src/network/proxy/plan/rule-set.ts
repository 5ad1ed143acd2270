/** All that changes in the node's table, as values: a mirror of what the kernel holds and the difference between two states of it. */
import type { BalancingChain, Element } from './elements.ts';

export type RuleSet = {
  readonly chains: readonly BalancingChain[];
  readonly elements: readonly Element[];
};

/** A step from one rule set to the next; every element changed is removed first and added again. */
export type RuleChange = {
  readonly addChains: readonly BalancingChain[];
  readonly removeElements: readonly Element[];
  readonly addElements: readonly Element[];
  readonly removeChains: readonly string[];
};

/** What to remove and add so that `before` becomes `after`. */
export function elementDifference(
  before: readonly Element[],
  after: readonly Element[],
): Pick<RuleChange, 'removeElements' | 'addElements'> {
  const old = new Map(before.map((element) => [nameOf(element), element]));
  const addElements = after.filter((element) => old.get(nameOf(element))?.value !== element.value);
  const kept = new Set(after.filter((element) => old.get(nameOf(element))?.value === element.value).map(nameOf));
  return { addElements, removeElements: before.filter((element) => !kept.has(nameOf(element))) };
}

function nameOf({ map, key }: Element): string {
  return `${map} ${key}`;
}
