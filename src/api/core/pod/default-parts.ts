/** The pieces that defaults of pods, containers and volumes share. */

/** A field with each item of its list changed; nothing where there is no list. */
export function mapped<K extends string, T>(
  key: K,
  list: readonly T[] | undefined,
  change: (item: T) => T,
): { readonly [P in K]?: readonly T[] } {
  const field: { [P in string]?: readonly T[] } = {};
  if (list !== undefined) field[key] = list.map(change);
  return field as { readonly [P in K]?: readonly T[] };
}

/** Which version of the pod's schema a field path is of. */
export const withVersion = <T extends { readonly apiVersion?: string }>(ref: T): T => ({
  ...ref,
  apiVersion: ref.apiVersion || 'v1',
});

/** No divisor is written as zero. */
export const withDivisor = <T extends { readonly divisor?: string }>(ref: T): T => ({
  ...ref,
  divisor: ref.divisor || '0',
});
