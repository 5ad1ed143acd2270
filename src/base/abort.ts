/** What AbortSignal lacks: listening that can be undone, scopes inside scopes, deadlines on a given clock. */
import type { Clock } from './world.ts';

type Reaction = { readonly react: () => void };

// A signal searches all its listeners for the one to remove: ten thousand watches that end one by one would take seconds. So each signal
// gets one listener of ours, which calls the rest.
const reactions = new WeakMap<AbortSignal, Set<Reaction>>();

/** Calls `react` once when the signal aborts, at once if it already has; disposing stops listening. */
export function onAbort(signal: AbortSignal, react: () => void): Disposable {
  if (signal.aborted) {
    react();
    return { [Symbol.dispose]: () => undefined };
  }
  const reaction = { react };
  const all = reactionsOf(signal);
  all.add(reaction);
  return {
    [Symbol.dispose]: () => {
      if (!all.delete(reaction) || all.size > 0) return;
      signal.removeEventListener('abort', reactAll);
      reactions.delete(signal);
    },
  };
}

function reactionsOf(signal: AbortSignal): Set<Reaction> {
  const known = reactions.get(signal);
  if (known !== undefined) return known;
  const all = new Set<Reaction>();
  reactions.set(signal, all);
  signal.addEventListener('abort', reactAll, { once: true });
  return all;
}

function reactAll(this: AbortSignal): void {
  const all = reactions.get(this);
  reactions.delete(this);
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

export type AbortScope = Disposable & { readonly signal: AbortSignal; abort(reason?: unknown): void };

// One for all: making one takes longer than all else that ends a scope, and scopes are many.
const DISPOSED = new DOMException('The scope has ended', 'AbortError');

/** A scope that ends with any of its parents, when told to, or when disposed; disposing lets go of the parents. */
export function abortScope(...parents: readonly AbortSignal[]): AbortScope {
  const controller = new AbortController();
  const links: Disposable[] = [];
  const abort = (reason: unknown = ENDED): void => {
    for (const link of links.splice(0)) link[Symbol.dispose]();
    controller.abort(reason);
  };
  for (const parent of parents) {
    if (!controller.signal.aborted) links.push(onAbort(parent, () => abort(parent.reason)));
  }
  return { signal: controller.signal, abort, [Symbol.dispose]: () => abort(DISPOSED) };
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
