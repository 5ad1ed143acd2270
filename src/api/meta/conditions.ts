/** Status conditions: finding one by type, and setting one so that its transition time tells when its status last changed. */

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
};

export function findCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export const isConditionTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'True';

/**
 * The list with `next` in the place of the condition of its type, or at the end.
 * `lastTransitionTime` of a condition whose status stays is kept; of one that changes or is new it is what `next` says.
 * The same list comes back when nothing changes, so that an unchanged status causes no write.
 */
export function setCondition<C extends Condition>(conditions: readonly C[] | undefined, next: C): readonly C[] {
  const list = conditions ?? [];
  const index = list.findIndex((condition) => condition.type === next.type);
  const previous = list[index];
  // Not spread: room for a dozen more would stay with each list.
  if (previous === undefined) return list.concat([next]);
  const settled =
    previous.status === next.status && previous.lastTransitionTime !== undefined
      ? { ...next, lastTransitionTime: previous.lastTransitionTime }
      : next;
  return isSame(previous, settled) ? list : list.with(index, settled);
}

export function removeCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): readonly C[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}

function isSame<C extends Condition>(left: C, right: C): boolean {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]) as ReadonlySet<keyof C>;
  for (const key of keys) if (left[key] !== right[key]) return false;
  return true;
}
