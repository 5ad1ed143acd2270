/** How the registry writes: decided on the newest state, compared and set in one transaction, decided again when somebody was faster. */
import { ApiError, notFoundError } from '#api/errors';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import { asError } from '#base/errors';
import { type Durability, type NotPromise, StoreUnavailableError, type Transaction } from '#store/store';
import type { Companion, RegistryContext } from './context.ts';
import { kindKey, objectKey } from './keys.ts';

/** What a request makes of a stored object. `keep` writes nothing, `remove` deletes; both answer with `object`. */
export type Change = { readonly action: 'keep' | 'put' | 'remove'; readonly object: ApiObject };

export type Outcome = { readonly object: ApiObject; readonly removed: boolean };

export type Target = { readonly definition: ResourceDefinition; readonly ref: ObjectRef; readonly dryRun: boolean };

/** Plans again from the newest state whenever another write came between, so `plan` must not have effects. */
export function changeStored(
  context: RegistryContext,
  target: Target,
  plan: (stored: ApiObject) => Change | Promise<Change>,
): Promise<Outcome> {
  const key = objectKey(target.definition, target.ref);
  return changeFrom(context.store.get(key) as ApiObject | undefined, { context, target, plan, key });
}

type Changing = {
  readonly context: RegistryContext;
  readonly target: Target;
  readonly plan: (stored: ApiObject) => Change | Promise<Change>;
  readonly key: string;
};

// No async functions: every change of every object takes this way, and nearly all find all they need at once.
function changeFrom(stored: ApiObject | undefined, changing: Changing): Promise<Outcome> {
  const { target, plan } = changing;
  try {
    if (stored === undefined) throw notFoundError(target.definition, target.ref.name);
    const planned = plan(stored);
    if (planned instanceof Promise) return planned.then((change) => carryOut(changing, stored, change));
    return carryOut(changing, stored, planned);
  } catch (error) {
    return Promise.reject(asError(error));
  }
}

function carryOut(changing: Changing, stored: ApiObject, change: Change): Promise<Outcome> {
  if (change.action === 'keep') return Promise.resolve({ object: change.object, removed: false });
  const { context, target, key } = changing;
  return attemptChange(context, target, { key, stored, change }).then(
    (attempt) => ('removed' in attempt ? attempt : changeFrom(attempt.newest, changing)),
    sayUnavailable,
  );
}

type Planned = { readonly key: string; readonly stored: ApiObject; readonly change: Change };
type Attempt = Outcome | { readonly newest: ApiObject | undefined };

function attemptChange(
  context: RegistryContext,
  { definition, dryRun }: Target,
  { key, stored, change }: Planned,
): Promise<Attempt> {
  return commit(context, definition, (tx, decide): Attempt => {
    const newest = tx.get(key) as ApiObject | undefined;
    if (newest !== stored) return { newest };
    if (change.action === 'remove') {
      if (!dryRun) {
        tx.delete(key);
        record(context, definition, { tx, stored });
      }
      return { object: change.object, removed: true };
    }
    context.chargeQuotas?.(tx, { definition, next: change.object, stored, dryRun });
    const object = decide(change.object, stored);
    if (dryRun) return { object, removed: false };
    const written = tx.put(key, object);
    record(context, definition, { tx, next: written, stored });
    return { object: written, removed: false };
  });
}

type Recorded = Parameters<Companion>[1] & { readonly tx: Transaction };

/** Writes what is recorded apart with an object. */
export function record(
  { companions }: RegistryContext,
  definition: ResourceDefinition,
  { tx, ...change }: Recorded,
): void {
  if (companions !== undefined) companions.get(kindKey(definition))?.(tx, change);
}

/** What the write hook of the kind makes of an object; the object itself where there is none. */
type Decide = (next: ApiObject, stored: ApiObject | undefined) => ApiObject;

const AS_IT_IS: Decide = (next) => next;

/** Runs a transaction about an object of a kind. What the kind's hook reserves for it is given back after it. Its errors are the store's. */
export function commit<R>(
  { store, hooks }: RegistryContext,
  definition: ResourceDefinition,
  transaction: (tx: Transaction, decide: Decide) => NotPromise<R>,
): Promise<R> {
  const durability = durabilityOf(definition);
  const hook = hooks.get(kindKey(definition));
  if (hook === undefined) return store.write((tx) => transaction(tx, AS_IT_IS), durability);
  let release: (() => void) | undefined;
  const decide: Decide = (next, stored) => {
    const decided = hook(next, stored);
    release = decided.release;
    return decided.object;
  };
  return store.write((tx) => transaction(tx, decide), durability).finally(() => release?.());
}

/** Tells clients what the store cannot do. */
export function sayUnavailable(error: unknown): never {
  if (!(error instanceof StoreUnavailableError)) throw error;
  throw new ApiError('ServiceUnavailable', error.message, { cause: error });
}

// Heartbeats and events are many, and losing the last moments of them in a crash harms nobody.
const RELAXED = new Set(['coordination.k8s.io/leases', '/events', 'events.k8s.io/events']);

function durabilityOf(definition: ResourceDefinition): Durability {
  return RELAXED.has(kindKey(definition)) ? 'relaxed' : 'committed';
}
