/** Everything an informer told, in order, and whether that is what happened. */
import type { V1ConfigMap } from '@kubernetes/client-node';

/** What the store keeps of one change. */
export type Change = { readonly revision: number; readonly name: string; readonly type: 'put' | 'delete' };

type Told = Change | { readonly revision: number; readonly type: 'list' };

export class Ledger {
  readonly #told: Told[] = [];
  lists = 0;

  list(revision: string | undefined): void {
    this.lists++;
    this.#told.push({ type: 'list', revision: Number(revision) });
  }

  tell(type: Change['type'], { metadata }: V1ConfigMap): void {
    this.#told.push({ type, name: metadata?.name ?? '', revision: Number(metadata?.resourceVersion) });
  }

  get size(): number {
    return this.#told.length;
  }

  /**
   * What is wrong; nothing when the watches told every change of `history` once and in order, and every list was turned
   * into exactly the differences to what was known. `whole`: up to the last change.
   */
  problems(history: readonly Change[], { whole }: { readonly whole: boolean }): readonly string[] {
    const replay = new Replay(history);
    for (const told of this.#told) replay.next(told);
    return replay.end(whole);
  }
}

/** Goes through what was told and what happened at the same time. */
class Replay {
  readonly #history: readonly Change[];
  readonly #problems: string[] = [];
  readonly #known = new Map<string, number>();
  readonly #truth = new Map<string, number>();
  #position = 0;
  #listed: number | undefined;

  constructor(history: readonly Change[]) {
    this.#history = history;
  }

  next(told: Told): void {
    if (told.type === 'list') {
      this.#endList();
      this.#listed = told.revision;
    } else if (this.#listed !== undefined && told.revision <= this.#listed) {
      apply(this.#known, told);
    } else {
      this.#endList();
      this.#watched(told);
    }
  }

  end(whole: boolean): readonly string[] {
    this.#endList();
    const left = this.#history.length - this.#position;
    if (whole && left > 0)
      this.#problems.push(`${left} changes were never told, from ${shown(this.#history[this.#position])}`);
    return this.#problems;
  }

  #watched(told: Change): void {
    const happened = this.#history[this.#position];
    const isSame = happened?.revision === told.revision && happened.name === told.name && happened.type === told.type;
    if (!isSame) this.#problems.push(`told ${shown(told)}, but next was ${shown(happened)}`);
    while ((this.#history[this.#position]?.revision ?? Infinity) <= told.revision) this.#forward();
    apply(this.#known, told);
  }

  #endList(): void {
    if (this.#listed === undefined) return;
    while ((this.#history[this.#position]?.revision ?? Infinity) <= this.#listed) this.#forward();
    const [known, truth] = [this.#known, this.#truth].map((state) =>
      [...state]
        .map(([name, revision]) => `${name} at ${revision}`)
        .toSorted()
        .join(', '),
    );
    if (known !== truth) this.#problems.push(`after the list of ${this.#listed} known was ${known}, true ${truth}`);
    this.#listed = undefined;
  }

  #forward(): void {
    apply(this.#truth, this.#history[this.#position]!);
    this.#position++;
  }
}

function apply(state: Map<string, number>, { type, name, revision }: Change): void {
  if (type === 'delete') state.delete(name);
  else state.set(name, revision);
}

const shown = (change: Change | undefined): string =>
  change === undefined ? 'nothing' : `${change.type} of ${change.name} at ${change.revision}`;
