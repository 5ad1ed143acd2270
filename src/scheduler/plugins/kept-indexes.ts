/** The indexes of the first `count` slots that fit. */
export function keptIndexes(slots: Int32Array, count: number, fits: (slot: number) => boolean): Int32Array {
  const kept = new Int32Array(count);
  let left = 0;
  for (let index = 0; index < count; index++) if (fits(slots[index] as number)) kept[left++] = index;
  return kept.subarray(0, left);
}
