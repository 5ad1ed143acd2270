/** Gives endpoints numbers from 0 without gaps, moving as few as possible when they change. */

/** The new holder of each number, from the previous holders and the wanted set. */
export function assignSlots(previous: readonly string[], wanted: readonly string[]): readonly string[] {
  const unplaced = new Set(wanted);
  const slots = previous.map((holder) => (unplaced.delete(holder) ? holder : undefined));
  const newcomers = [...unplaced];
  for (let slot = 0; slot < slots.length; slot++) slots[slot] ??= newcomers.shift();
  slots.push(...newcomers);
  return withoutGaps(slots);
}

// A gap is filled by the last: one endpoint changes its number and not all that follow.
function withoutGaps(slots: (string | undefined)[]): readonly string[] {
  for (let slot = 0; slot < slots.length; slot++) {
    while (slots.length > slot && slots.at(-1) === undefined) slots.pop();
    if (slot < slots.length) slots[slot] ??= slots.pop();
  }
  return slots.filter((holder) => holder !== undefined);
}
