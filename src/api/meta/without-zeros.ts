/** Counts as upstream's statuses carry them: a count of zero is absent. */

/** The entries that are not zero. */
export function withoutZeros<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>;
}
