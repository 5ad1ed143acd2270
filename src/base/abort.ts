/** What AbortSignal lacks: listening that can be undone, scopes inside scopes, deadlines on a given clock. */
import type { Clock } from './world.ts';

// A signal searches all its listeners for the one to remove: ten thousand watches that end one by one would take seconds. So each signal
// has one listener of ours at most, which calls the rest; they are kept on the signal itself, where they are found at once.
const REACTIONS = Symbol('reactions');
// A scope of ours calls them itself when it ends: it needs no listener at all.
const IS_SCOPE = Symbol('is scope');

type Heard = AbortSignal & { [REACTIONS]?: Set<Reaction> | undefined; [IS_SCOPE]?: true };

const NOT_LISTENING: Disposable = { [Symbol.dispose]: () => undefined };

/** Calls `react` once when the signal aborts, at once if it already has; disposing stops listening. */
export function onAbort(signal: AbortSignal, react: () => void): Disposable {
  if (signal.aborted) {
    react();
    return NOT_LISTENING;
  }
  const all = reactionsOf(signal);
  const reaction = new Reaction(react, signal, all);
  all.add(reaction);
  return reaction;
}

class Reaction implements Disposable {
  readonly react: () => void;
  readonly #signal: AbortSignal;
  readonly #all: Set<Reaction>;

  constructor(react: () => void, signal: AbortSignal, all: Set<Reaction>) {
    this.react = react;
    this.#signal = signal;
    this.#all = all;
  }

  [Symbol.dispose](): void {
    if (this.#all.delete(this) && this.#all.size === 0) forget(this.#signal);
  }
}

function reactionsOf(signal: Heard): Set<Reaction> {
  const known = signal[REACTIONS];
  if (known !== undefined) return known;
  const all = new Set<Reaction>();
  signal[REACTIONS] = all;
  if (!signal[IS_SCOPE]) signal.addEventListener('abort', reactAll, { once: true });
  return all;
}

function forget(signal: Heard): void {
  if (signal[IS_SCOPE]) return; // it is used again, and goes with its scope
  signal.removeEventListener('abort', reactAll);
  signal[REACTIONS] = undefined;
}

function reactAll(this: Heard): void {
  const all = this[REACTIONS];
  this[REACTIONS] = undefined;
  for (const { react } of all ?? []) react();
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
  const controller = new AbortController();
  const signal: Heard = controller.signal;
  signal[IS_SCOPE] = true;
  const links: Disposable[] = [];
  const release = (): void => {
    for (const link of links) link[Symbol.dispose]();
  };
  const abort = (reason: unknown = ENDED): void => {
    if (signal.aborted) return;
    release();
    controller.abort(reason);
    reactAll.call(signal);
  };
  for (const parent of parents) {
    if (!signal.aborted) links.push(onAbort(parent, () => abort(parent.reason)));
  }
  return { signal, abort, release, [Symbol.dispose]: () => abort(DISPOSED) };
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
