/** Puts what filters say of one pod where the profile has these filters. */

type Named = { readonly name: string };

/** Those that the profile does not have come last. */
export function inTheirPlaces<P extends Named>(filters: readonly P[], ofPod: readonly P[]): readonly P[] {
  if (ofPod.length === 0) return filters;
  const byName = new Map(ofPod.map((each) => [each.name, each]));
  const replaced = filters.map((filter) => {
    const instead = byName.get(filter.name);
    byName.delete(filter.name);
    return instead ?? filter;
  });
  return [...replaced, ...byName.values()];
}
