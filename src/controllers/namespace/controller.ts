/** Empties a namespace that is being deleted, then lets it go. */
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import type { ResourceType } from '#api/resource';
import type { ResourceDefinition } from '#api/resource';
import { asError } from '#base/errors';
import { refOfKey, keyOf } from '#client/key';
import { defineController, NO_KEYS, on, type Context, type Controller } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { isFinalized, planStages, planTerminatingStatus, withoutFinalizer, type Remains } from './plan.ts';

// Pods end at their own pace: nobody tells us when the last one of a namespace has.
const AGAIN_MS = 1_000;
const AGAIN_MOST_MS = 15_000;

/** `kinds`: everything that a namespace can hold. */
export function namespaceController(kinds: readonly ResourceDefinition[]): Controller {
  const contents = kinds.filter(({ namespaced, verbs }) => namespaced && verbs.includes('deletecollection'));
  const stages = planStages(contents);
  const tries = new Map<string, number>();
  return defineController({
    name: 'namespace-controller',
    reads: [Namespace, Pod],
    writes: [Namespace, ...contents],
    triggers: [
      on(Namespace, ({ after }) => (after?.metadata.deletionTimestamp === undefined ? [] : [keyOf(after)])),
      on(Pod, ({ before, after }, context) => {
        if (after !== undefined) return NO_KEYS;
        const name = before?.metadata.namespace ?? '';
        const ending = context.get(Namespace, { name })?.metadata.deletionTimestamp !== undefined;
        return ending ? [name] : NO_KEYS;
      }),
    ],
    async reconcile(key, context) {
      const namespace = context.get(Namespace, refOfKey(key));
      if (namespace?.metadata.deletionTimestamp === undefined || isFinalized(namespace)) {
        tries.delete(key);
        return undefined;
      }
      const { remains, failures } = await emptyInStages(key, stages, context);
      const told = await writeStatus(namespace, { remains, failures }, context);
      if (told === undefined) return undefined;
      if (remains.length === 0 && failures.length === 0) {
        await unlessMissing(context.client.update(Namespace, withoutFinalizer(told), { subresource: 'finalize' }));
        tries.delete(key);
        return undefined;
      }
      const tried = tries.get(key) ?? 0;
      tries.set(key, tried + 1);
      return { againInMs: Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** tried) };
    },
  });
}

type Emptied = { readonly remains: readonly Remains[]; readonly failures: readonly string[] };

async function writeStatus(namespace: Namespace, emptied: Emptied, context: Context): Promise<Namespace | undefined> {
  const next = planTerminatingStatus(namespace, { ...emptied, nowMs: context.now() });
  if (next === namespace) return namespace;
  return await unlessMissing(context.client.update(Namespace, next, { subresource: 'status' }));
}

/** What is still there keeps the stages after it waiting. */
async function emptyInStages(
  namespace: string,
  stages: readonly (readonly ResourceDefinition[])[],
  context: Context,
): Promise<Emptied> {
  for (const stage of stages) {
    const emptied = await empty(namespace, stage, context);
    if (emptied.remains.length > 0 || emptied.failures.length > 0) return emptied;
  }
  return { remains: [], failures: [] };
}

async function empty(namespace: string, contents: readonly ResourceDefinition[], context: Context): Promise<Emptied> {
  const remains: Remains[] = [];
  const failures: string[] = [];
  for (const kind of contents) {
    try {
      const left = await emptyOf(kind, namespace, context);
      if (left.count > 0) remains.push(left);
    } catch (error) {
      if (context.signal.aborted) throw error;
      failures.push(asError(error).message);
    }
  }
  return { remains, failures };
}

async function emptyOf(kind: ResourceType, namespace: string, { client, signal }: Context): Promise<Remains> {
  const resource = `${kind.plural}.${kind.group}`;
  const nothing = { resource, count: 0, finalizers: new Map<string, number>() };
  try {
    const before = await client.list(kind, { namespace, signal });
    if (before.items.length === 0) return nothing;
    await client.deleteCollection(kind, { namespace, signal, propagationPolicy: 'Background' });
    const { items } = await client.list(kind, { namespace, signal });
    const finalizers = new Map<string, number>();
    for (const name of items.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
    }
    return { resource, count: items.length, finalizers };
  } catch (error) {
    // A kind that is not served here holds nothing.
    if (isApiError(error, 'NotFound', 'MethodNotAllowed')) return nothing;
    throw error;
  }
}
