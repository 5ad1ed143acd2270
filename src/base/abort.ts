/** What AbortSignal lacks: listening that can be undone, scopes inside scopes, deadlines on a given clock. */
import type { Clock } from './world.ts';

// A signal searches all its listeners for the one to remove: ten thousand watches that end one by one would take seconds. So each signal
// has one listener of ours at most, which calls the rest; they are kept on the signal itself, in a chain that each leaves at once.
const REACTIONS = Symbol('reactions');
// A scope of ours calls them itself when it ends: it needs no listener at all.
const IS_SCOPE = Symbol('is scope');

/** `first` and `last` as long as there are any. */
type Chain = { first: AbortReaction | undefined; last: AbortReaction | undefined };
type Heard = AbortSignal & { [REACTIONS]?: Chain | undefined; [IS_SCOPE]?: true };

const NOT_LISTENING: Disposable = { [Symbol.dispose]: () => undefined };

/** Calls `react` once when the signal aborts, at once if it already has; disposing stops listening. */
export function onAbort(signal: AbortSignal, react: () => void): Disposable {
  if (!signal.aborted) return new Listener(signal, react);
  react();
  return NOT_LISTENING;
}

/** Reacts once when its signal aborts, unless it was disposed of before. To be made of a signal that has not aborted yet. */
export abstract class AbortReaction implements Disposable {
  protected readonly signal: AbortSignal;
  /** Of which it is a link; undefined when it has left. */
  #chain: Chain | undefined;
  #before: AbortReaction | undefined;
  #after: AbortReaction | undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    const chain = chainOf(signal);
    this.#chain = chain;
    this.#before = chain.last;
    if (chain.last === undefined) chain.first = this;
    else chain.last.#after = this;
    chain.last = this;
  }

  abstract react(): void;

  [Symbol.dispose](): void {
    const chain = this.#chain;
    if (chain === undefined) return;
    this.#chain = undefined;
    if (this.#before === undefined) chain.first = this.#after;
    else this.#before.#after = this.#after;
    if (this.#after === undefined) chain.last = this.#before;
    else this.#after.#before = this.#before;
    this.#before = undefined;
    this.#after = undefined;
    if (chain.first === undefined) forget(this.signal);
  }
}

class Listener extends AbortReaction {
  readonly #react: () => void;

  constructor(signal: AbortSignal, react: () => void) {
    super(signal);
    this.#react = react;
  }

  react(): void {
    this.#react();
  }
}

function chainOf(signal: Heard): Chain {
  const known = signal[REACTIONS];
  if (known !== undefined) return known;
  const chain: Chain = { first: undefined, last: undefined };
  signal[REACTIONS] = chain;
  if (!signal[IS_SCOPE]) signal.addEventListener('abort', reactAll, { once: true });
  return chain;
}

function forget(signal: Heard): void {
  if (signal[IS_SCOPE]) return; // it is used again, and goes with its scope
  signal.removeEventListener('abort', reactAll);
  signal[REACTIONS] = undefined;
}

function reactAll(this: Heard): void {
  const chain = this[REACTIONS];
  if (chain === undefined) return;
  // Each leaves before it reacts, and may make others leave.
  for (let next = chain.first; next !== undefined; next = chain.first) {
    next[Symbol.dispose]();
    next.react();
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    onAbort(signal, resolve);
  });
}

/** Settles as `work` does, unless the signal aborts first: then it rejects with the signal's reason. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  using _listening = onAbort(signal, () => reject(signal.reason));
  return await Promise.race([work, promise]);
}

// One for all: to make it records the stack, which costs more than most of what scopes are around.
const ENDED = new DOMException('This operation was aborted', 'AbortError');

export type AbortScope = Disposable & {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Lets go of the parents, with nobody left who would have to hear that it ends. */
  release(): void;
};

// One for all: making one takes longer than all else that ends a scope, and scopes are many.
const DISPOSED = new DOMException('The scope has ended', 'AbortError');

/** A scope that ends with any of its parents, when told to, or when disposed; disposing lets go of the parents. */
export function abortScope(...parents: readonly AbortSignal[]): AbortScope {
  return new Scope(parents);
}

class Scope implements AbortScope {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #links: readonly Link[];

  constructor(parents: readonly AbortSignal[]) {
    const { signal }: { readonly signal: Heard } = this.#controller;
    signal[IS_SCOPE] = true;
    this.signal = signal;
    const ended = parents.find(({ aborted: has }) => has);
    this.#links = ended === undefined ? parents.map((parent) => new Link(parent, this)) : [];
    if (ended !== undefined) this.abort(ended.reason);
  }

  abort(reason: unknown = ENDED): void {
    if (this.signal.aborted) return;
    this.release();
    this.#controller.abort(reason);
    reactAll.call(this.signal);
  }

  release(): void {
    for (const link of this.#links) link[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.abort(DISPOSED);
  }
}

/** Ends a scope with a parent. */
class Link extends AbortReaction {
  readonly #scope: Scope;

  constructor(parent: AbortSignal, scope: Scope) {
    super(parent);
    this.#scope = scope;
  }

  react(): void {
    this.#scope.abort(this.signal.reason);
  }
}

/** A scope that also ends after `delayMs`, with a TimeoutError as its reason. */
export function deadlineScope(delayMs: number, clock: Clock, ...parents: readonly AbortSignal[]): AbortScope {
  const scope = abortScope(...parents);
  const timer = clock.setTimer(delayMs, () => {
    scope.abort(new DOMException(`The deadline of ${delayMs} ms has passed`, 'TimeoutError'));
  });
  onAbort(scope.signal, () => timer[Symbol.dispose]());
  return scope;
}

/** True when `error` is what the aborted signal was aborted with: an ending asked for, not a failure. */
export function isAbortOf(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
