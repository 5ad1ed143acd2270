/**
 * Charges the quotas of a namespace in the transaction that writes the object: both happen or neither does,
 * and of two writers that want the last of something one finds it taken.
 */
import { ResourceQuota } from '#api/core/resource-quota';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type { World } from '#base/world';
import type { Store, Transaction } from '#store/store';
import { kindKey, objectKey } from '../../registry/keys.ts';
import { admissionForbidden } from '../admission.ts';
import { newestList } from '../newest-list.ts';
import { planCharge } from './plan-charge.ts';

export type QuotaWrite = {
  readonly definition: ResourceDefinition;
  readonly next: ApiObject;
  readonly stored: ApiObject | undefined;
  readonly dryRun: boolean;
};

/** Throws `ApiError` if a quota does not allow the write. Runs within the transaction of the write. */
export type ChargeQuotas = (tx: Transaction, write: QuotaWrite) => void;

export function chargeQuotas({ store, world }: { readonly store: Store; readonly world: World }): ChargeQuotas {
  const durable = newestList(store, ResourceQuota);
  const newest = (tx: Transaction, namespace: string): readonly ResourceQuota[] =>
    durable.in(namespace).flatMap(({ metadata }) => {
      const quota = tx.get(objectKey(ResourceQuota, metadata));
      return quota === undefined ? [] : [quota as ResourceQuota];
    });
  return (tx, { definition, next, stored, dryRun }) => {
    const { namespace } = next.metadata;
    if (!definition.namespaced || namespace === undefined || !mayUse(definition, next, stored)) return;
    if (durable.in(namespace).length === 0) return;
    const quotas = newest(tx, namespace);
    if (quotas.length === 0) return;
    const plan = planCharge(quotas, { kind: definition, next, stored, nowMs: world.clock.now() });
    if ('refusal' in plan) throw admissionForbidden({ definition, object: next }, plan.refusal);
    if (dryRun) return;
    for (const quota of plan.quotas) tx.put(objectKey(ResourceQuota, quota.metadata), quota);
  };
}

// Reports of what happened are cleared away by age, not by quota.
const UNCOUNTED: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events']);
/** All others use by their number alone, which no update changes. */
const USED_BY_SPEC: ReadonlySet<string> = new Set(['/pods', '/services', '/persistentvolumeclaims']);

function mayUse(definition: ResourceDefinition, next: ApiObject, stored: ApiObject | undefined): boolean {
  const kind = kindKey(definition);
  if (stored === undefined) return !UNCOUNTED.has(kind);
  return USED_BY_SPEC.has(kind) && specOf(next) !== specOf(stored);
}

const specOf = (object: ApiObject): unknown => (object as { readonly spec?: unknown }).spec;
