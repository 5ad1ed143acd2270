/** Decides what the status of a quota says is used: the sum over the objects that it is about. */
import { addAmounts, only, readAmounts, writeAmounts, ZERO, type Amounts } from '#api/core/resource-quota/amounts';
import { concernsKind, type QuotaKind } from '#api/core/resource-quota/names';
import { isInScopes } from '#api/core/resource-quota/scopes';
import { usageOf } from '#api/core/resource-quota/usage';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject } from '#api/object';
import type { ResourceQuota } from '#api/types/core-v1';

export type Counted = { readonly kind: QuotaKind; readonly objects: readonly ApiObject[] };

export const concerns = ({ spec }: ResourceQuota, kind: QuotaKind): boolean =>
  Object.keys(spec.hard ?? {}).some((name) => concernsKind(name, kind));

/** `counted`: all objects of the namespace of every kind that the quota concerns. The same quota when its status is right. */
export function planQuotaStatus(quota: ResourceQuota, counted: readonly Counted[], nowMs: number): ResourceQuota {
  const { hard = {} } = quota.spec;
  const usage = counted.map(({ kind, objects }) => usageOfAll(quota, { kind, objects }, nowMs));
  // What nobody here can count keeps the figure it has.
  const before = only(readAmounts(quota.status?.used), (name) => Object.hasOwn(hard, name));
  const used = writeAmounts(new Map([...before, ...usage.flatMap((amounts) => [...amounts])]));
  if (semanticEqual(quota.status?.hard, hard) && semanticEqual(quota.status?.used, used)) return quota;
  return { ...quota, status: { ...quota.status, hard, used } };
}

function usageOfAll({ spec }: ResourceQuota, { kind, objects }: Counted, nowMs: number): Amounts {
  const isLimited = (name: string): boolean => Object.hasOwn(spec.hard ?? {}, name);
  const names = Object.keys(spec.hard ?? {}).filter((name) => concernsKind(name, kind));
  const none: Amounts = new Map(names.map((name) => [name, ZERO]));
  return objects
    .filter((object) => isInScopes(spec, kind, object))
    .reduce((sum, object) => addAmounts(sum, only(usageOf(kind, object, nowMs), isLimited)), none);
}

/** Whether a change may have given something back: only then is there something to count again. */
export function mayRelease(before: ApiObject | undefined, after: ApiObject | undefined): boolean {
  if (before === undefined) return false;
  return after === undefined || specOf(before) !== specOf(after) || phaseOf(before) !== phaseOf(after);
}

const specOf = (object: ApiObject): unknown => (object as { readonly spec?: unknown }).spec;
const phaseOf = (object: ApiObject): unknown =>
  (object as { readonly status?: { readonly phase?: unknown } }).status?.phase;
