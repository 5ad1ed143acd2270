/** What a limit range means beyond what it says: bounds of containers are their defaults too. */
import type { LimitRange, LimitRangeItem } from '../../types/core-v1.ts';

type Amounts = Readonly<Record<string, string>>;

/** The same value comes back when there is nothing to fill in. */
export function defaultLimitRange(range: LimitRange): LimitRange {
  const limits = range.spec.limits;
  const filled = limits.map(defaultItem);
  return filled.every((item, index) => item === limits[index]) ? range : { ...range, spec: { limits: filled } };
}

function defaultItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item;
  const limit = over(item.default, item.max);
  const request = over(over(item.defaultRequest, limit), item.min);
  if (limit === item.default && request === item.defaultRequest) return item;
  return { ...item, ...(limit && { default: limit }), ...(request && { defaultRequest: request }) };
}

/** `given`, with what it does not name taken from `otherwise`. */
function over(given: Amounts | undefined, otherwise: Amounts | undefined): Amounts | undefined {
  const missing = Object.entries(otherwise ?? {}).filter(([name]) => !Object.hasOwn(given ?? {}, name));
  return missing.length === 0 ? given : { ...given, ...(Object.fromEntries(missing) as Amounts) };
}
