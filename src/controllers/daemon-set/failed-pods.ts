/** Remembers on which nodes pods keep failing, so that they are replaced less and less often. */

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 15 * 60_000;

type Failure = { readonly atMs: number; readonly delayMs: number };
type Attempt = { readonly name: string; readonly nodes: Map<string, Failure> };

/** `attempt`: what the set tries; what fails in another one says nothing about it. */
export type FailingPlace = { readonly set: string; readonly attempt: string; readonly node: string };

export class FailedPods {
  readonly #sets = new Map<string, Attempt>();

  /** How long the pod of this place has to wait for its removal; 0 counts as a removal. */
  waitMs({ set, attempt, node }: FailingPlace, nowMs: number): number {
    const nodes = this.#nodesOf(set, attempt);
    const last = nodes.get(node);
    if (last !== undefined && nowMs < last.atMs + last.delayMs) return last.atMs + last.delayMs - nowMs;
    // A node that has been well for twice the delay starts anew, as upstream has it.
    const isOver = last === undefined || nowMs > last.atMs + 2 * LONGEST_DELAY_MS;
    const delayMs = isOver ? FIRST_DELAY_MS : Math.min(last.delayMs * 2, LONGEST_DELAY_MS);
    nodes.set(node, { atMs: nowMs, delayMs });
    return 0;
  }

  #nodesOf(set: string, name: string): Map<string, Failure> {
    const known = this.#sets.get(set);
    if (known?.name === name) return known.nodes;
    const nodes = new Map<string, Failure>();
    this.#sets.set(set, { name, nodes });
    return nodes;
  }

  forget(set: string): void {
    this.#sets.delete(set);
  }
}
