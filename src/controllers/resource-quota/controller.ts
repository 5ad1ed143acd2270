/** Keeps what quotas say is used true: the API server charges what is made, this counts again what is given back. */
import { ResourceQuota } from '#api/core/resource-quota';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ResourceDefinition } from '#api/resource';
import { keyOf, refOfKey } from '#client/key';
import { kindName } from '#client/observing-client';
import { defineController, NO_KEYS, on, type Context, type Controller, type Outcome } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { concerns, type Counted, mayRelease, planQuotaStatus } from './plan.ts';

// Deletions come in crowds; each recount looks at everything in the namespace.
const PAUSE_MS = 250;
// Pods whose time is over stop counting without any change that could be seen.
const RESYNC_MS = 300_000;

/** `kinds`: everything that a namespace can hold. */
export function resourceQuota(kinds: readonly ResourceDefinition[]): Controller {
  const countable = kinds.filter(
    ({ namespaced, verbs }) => namespaced && COUNTABLE.every((verb) => verbs.includes(verb)),
  );
  const others = countable.filter((kind) => kindName(kind) !== kindName(ResourceQuota));
  const countedAt = new Map<string, number>();
  return defineController({
    name: 'resourcequota-controller',
    reads: [ResourceQuota, ...others],
    writes: [ResourceQuota],
    triggers: [
      on(ResourceQuota, ({ before, after }, context) => [
        // All of them at the start: whoever counted before may have died between a first count and its second look.
        ...(after !== undefined && (before === undefined || isUnsettled(after)) ? [keyOf(after)] : []),
        ...(after === undefined && before !== undefined ? keysConcerning(ResourceQuota, before, context) : []),
      ]),
      ...others.map((kind) =>
        on(kind, ({ before, after }, context) =>
          before !== undefined && mayRelease(before, after) ? keysConcerning(kind, before, context) : NO_KEYS,
        ),
      ),
    ],
    async reconcile(key, context) {
      const waitMs = (countedAt.get(key) ?? -Infinity) + PAUSE_MS - context.now();
      if (waitMs > 0) return { againInMs: waitMs };
      countedAt.set(key, context.now());
      const outcome = await recount(key, countable, context);
      if (outcome === undefined) countedAt.delete(key);
      return outcome;
    },
  });
}

const COUNTABLE = ['create', 'delete', 'list', 'watch'] as const;

const isUnsettled = ({ spec, status }: ResourceQuota): boolean => !semanticEqual(spec.hard ?? {}, status?.hard);

function keysConcerning(
  kind: ResourceDefinition | typeof ResourceQuota,
  { metadata }: { readonly metadata: { readonly namespace?: string } },
  { informer }: Context,
): readonly string[] {
  const quotas = informer(ResourceQuota).list(metadata.namespace ?? '');
  return quotas.length === 0 ? NO_KEYS : quotas.filter((quota) => concerns(quota, kind)).map(keyOf);
}

/**
 * Reads from the server, the quota first: everything charged up to that state of it is in the lists,
 * and a charge after it makes the write fail and all this begin again.
 */
async function recount(
  key: string,
  kinds: readonly ResourceDefinition[],
  { client, signal, now }: Context,
): Promise<Outcome | undefined> {
  const { namespace = '', name } = refOfKey(key);
  const { items } = await client.list(ResourceQuota, { namespace, signal });
  const quota = items.find(({ metadata }) => metadata.name === name);
  if (quota === undefined) return undefined;
  const counted: Counted[] = [];
  for (const kind of kinds.filter((each) => concerns(quota, each))) {
    counted.push({ kind, objects: (await client.list(kind, { namespace, signal })).items });
  }
  const next = planQuotaStatus(quota, counted, now());
  if (next === quota) return { againInMs: RESYNC_MS };
  await unlessMissing(client.update(ResourceQuota, next, { subresource: 'status' }));
  // What was made between the count and the first status was not charged: it is found on a second look.
  return { againInMs: isUnsettled(quota) ? PAUSE_MS : RESYNC_MS };
}
