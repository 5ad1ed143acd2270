/** Finds what stands twice in a list from strangers: searching the list for each of its items would take long if it is long. */

/** Where values stand that have stood before. */
export function repeatsIn(values: readonly unknown[]): ReadonlySet<number> {
  const seen = new Set<unknown>();
  const repeats = new Set<number>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) repeats.add(index);
    seen.add(value);
  }
  return repeats;
}
