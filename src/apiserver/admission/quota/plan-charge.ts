/** Decides what a write uses of the quotas of its namespace, or why they do not allow it, in upstream's words. Pure. */
import { missingAmounts } from '#api/core/resource-quota/missing';
import {
  addAmounts,
  type Amounts,
  describeAmounts,
  exceeding,
  increaseOf,
  only,
  readAmounts,
  writeAmounts,
} from '#api/core/resource-quota/amounts';
import { concernsKind, type QuotaKind } from '#api/core/resource-quota/names';
import { isInScopes } from '#api/core/resource-quota/scopes';
import { usageOf } from '#api/core/resource-quota/usage';
import type { ApiObject } from '#api/object';
import type { ResourceQuota } from '#api/types/core-v1';

export type Charged = {
  readonly kind: QuotaKind;
  readonly next: ApiObject;
  /** Absent for an object that is being made. */
  readonly stored: ApiObject | undefined;
  readonly nowMs: number;
};

/** Quotas whose usage changes, as they are to be; or the refusal. */
export type ChargePlan = { readonly quotas: readonly ResourceQuota[] } | { readonly refusal: string };

export function planCharge(quotas: readonly ResourceQuota[], { kind, next, stored, nowMs }: Charged): ChargePlan {
  const concerned = quotas.filter((quota) => namesOf(quota, kind).length > 0 && isInScopes(quota.spec, kind, next));
  if (concerned.length === 0) return { quotas: [] };
  const usage = usageOf(kind, next, nowMs);
  const delta = increaseOf(usage, stored === undefined ? new Map() : usageOf(kind, stored, nowMs));
  // A pod that was there before the quota need not say what the quota wants to know.
  if (stored !== undefined && delta.size === 0) return { quotas: [] };
  const refusal =
    concerned.map((quota) => unready(quota, kind, next)).find((why) => why !== undefined) ??
    concerned.map((quota) => exceeded(quota, delta)).find((why) => why !== undefined);
  if (refusal !== undefined) return { refusal };
  return { quotas: concerned.flatMap((quota) => withUsage(quota, delta)) };
}

const namesOf = ({ status }: ResourceQuota, kind: QuotaKind): readonly string[] =>
  Object.keys(status?.hard ?? {}).filter((name) => concernsKind(name, kind));

function unready(quota: ResourceQuota, kind: QuotaKind, next: ApiObject): string | undefined {
  const names = namesOf(quota, kind);
  const missing = missingAmounts(kind, next, names);
  if (missing !== undefined) return `failed quota: ${quota.metadata.name}: ${missing}`;
  const used = quota.status?.used ?? {};
  if (names.every((name) => Object.hasOwn(used, name))) return undefined;
  return `status unknown for quota: ${quota.metadata.name}, resources: ${names.toSorted().join(',')}`;
}

function exceeded({ metadata, status }: ResourceQuota, delta: Amounts): string | undefined {
  const [hard, used] = [readAmounts(status?.hard), readAmounts(status?.used)];
  const requested = only(delta, (name) => hard.has(name));
  const over = new Set(
    exceeding(
      only(addAmounts(used, requested), (name) => requested.has(name)),
      hard,
    ),
  );
  if (over.size === 0) return undefined;
  const shown = (amounts: Amounts): string => describeAmounts(only(amounts, (name) => over.has(name)));
  return `exceeded quota: ${metadata.name}, requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`;
}

function withUsage(quota: ResourceQuota, delta: Amounts): readonly ResourceQuota[] {
  const { hard = {}, used } = quota.status ?? {};
  const requested = only(delta, (name) => Object.hasOwn(hard, name));
  if (requested.size === 0) return [];
  const total = writeAmounts(addAmounts(readAmounts(used), requested));
  return [{ ...quota, status: { ...quota.status, used: total } }];
}
