/** How the registry writes: decided on the newest state, compared and set in one transaction, decided again when somebody was faster. */
import { ApiError, notFoundError } from '#api/errors';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import { type Durability, type NotPromise, StoreUnavailableError, type Transaction } from '#store/store';
import type { Companion, RegistryContext } from './context.ts';
import { objectKey } from './keys.ts';

/** What a request makes of a stored object. `keep` writes nothing, `remove` deletes; both answer with `object`. */
export type Change = { readonly action: 'keep' | 'put' | 'remove'; readonly object: ApiObject };

export type Outcome = { readonly object: ApiObject; readonly removed: boolean };

export type Target = { readonly definition: ResourceDefinition; readonly ref: ObjectRef; readonly dryRun: boolean };

/** Plans again from the newest state whenever another write came between, so `plan` must not have effects. */
export async function changeStored(
  context: RegistryContext,
  target: Target,
  plan: (stored: ApiObject) => Promise<Change>,
): Promise<Outcome> {
  const key = objectKey(target.definition, target.ref);
  let stored = context.store.get(key) as ApiObject | undefined;
  for (;;) {
    if (stored === undefined) throw notFoundError(target.definition, target.ref.name);
    const change = await plan(stored);
    if (change.action === 'keep') return { object: change.object, removed: false };
    const attempt = await attemptChange(context, target, { key, stored, change });
    if ('outcome' in attempt) return attempt.outcome;
    stored = attempt.newest;
  }
}

type Planned = { readonly key: string; readonly stored: ApiObject; readonly change: Change };
type Attempt = { readonly outcome: Outcome } | { readonly newest: ApiObject | undefined };

async function attemptChange(
  context: RegistryContext,
  { definition, dryRun }: Target,
  { key, stored, change }: Planned,
): Promise<Attempt> {
  using hook = hookOf(context, definition);
  return await commit(
    context,
    (tx): Attempt => {
      const newest = tx.get(key) as ApiObject | undefined;
      if (newest !== stored) return { newest };
      if (change.action === 'remove') {
        if (!dryRun) {
          tx.delete(key);
          recordWith(context, definition)(tx, { stored });
        }
        return { outcome: { object: change.object, removed: true } };
      }
      context.chargeQuotas?.(tx, { definition, next: change.object, stored, dryRun });
      const object = hook.apply(change.object, stored);
      if (dryRun) return { outcome: { object, removed: false } };
      const written = tx.put(key, object);
      recordWith(context, definition)(tx, { next: written, stored });
      return { outcome: { object: written, removed: false } };
    },
    durabilityOf(definition),
  );
}

const NOTHING_RECORDED: Companion = () => undefined;

export function recordWith({ companions }: RegistryContext, { group, plural }: ResourceDefinition): Companion {
  return companions?.get(`${group}/${plural}`) ?? NOTHING_RECORDED;
}

/** The write hook of a kind, with what it reserved given back on disposal. */
const NO_HOOK: AppliedHook = { apply: (next) => next, [Symbol.dispose]: () => undefined };

type AppliedHook = Disposable & { apply(next: ApiObject, stored: ApiObject | undefined): ApiObject };

export function hookOf(context: RegistryContext, { group, plural }: ResourceDefinition): AppliedHook {
  const hook = context.hooks.get(`${group}/${plural}`);
  if (hook === undefined) return NO_HOOK;
  let release: (() => void) | undefined;
  return {
    apply(next, stored) {
      const decided = hook(next, stored);
      release = decided.release;
      return decided.object;
    },
    [Symbol.dispose]: () => release?.(),
  };
}

export async function commit<R>(
  { store }: RegistryContext,
  transaction: (tx: Transaction) => NotPromise<R>,
  durability: Durability,
): Promise<R> {
  try {
    return await store.write(transaction, durability);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new ApiError('ServiceUnavailable', error.message, { cause: error });
  }
}

// Heartbeats and events are many, and losing the last moments of them in a crash harms nobody.
const RELAXED = new Set(['coordination.k8s.io/leases', '/events', 'events.k8s.io/events']);

export function durabilityOf({ group, plural }: ResourceDefinition): Durability {
  return RELAXED.has(`${group}/${plural}`) ? 'relaxed' : 'committed';
}
