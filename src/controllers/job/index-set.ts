/** Sets of completion indexes, kept as intervals: a job may have a hundred thousand of them. */

/** In order, and never side by side: what touches is one interval. */
export type IndexSet = readonly (readonly [first: number, last: number])[];

export const NO_INDEXES: IndexSet = [];

/** Reads what a status says, of indexes below `completions`. What cannot be read is passed over: others may write statuses too. */
export function readIndexes(text: string | undefined, completions: number): IndexSet {
  const intervals: [number, number][] = [];
  for (const part of (text ?? '').split(',')) {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === '' || Number(first) >= completions) continue;
    intervals.push([Number(first), Math.min(Number(last), completions - 1)]);
  }
  return joined(intervals);
}

export function indexesOf(indexes: Iterable<number>): IndexSet {
  return joined(Array.from(indexes, (index) => [index, index]));
}

export function union(...sets: readonly IndexSet[]): IndexSet {
  return joined(sets.flat());
}

function joined(intervals: IndexSet): IndexSet {
  const result: [number, number][] = [];
  for (const [first, last] of intervals.toSorted((left, right) => left[0] - right[0])) {
    const previous = result.at(-1);
    if (previous === undefined || first > previous[1] + 1) result.push([first, last]);
    else previous[1] = Math.max(previous[1], last);
  }
  return result;
}

export function sizeOf(set: IndexSet): number {
  return set.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

export function hasIndex(set: IndexSet, index: number): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[middle]![1] < index) low = middle + 1;
    else high = middle;
  }
  const candidate = set[low];
  return candidate !== undefined && candidate[0] <= index;
}

/** How many indexes are in both. */
export function sizeOfShared(left: IndexSet, right: IndexSet): number {
  let size = 0;
  for (let at = 0, other = 0; at < left.length && other < right.length;) {
    const [first, last] = left[at]!;
    const [otherFirst, otherLast] = right[other]!;
    size += Math.max(0, Math.min(last, otherLast) - Math.max(first, otherFirst) + 1);
    if (last <= otherLast) at++;
    else other++;
  }
  return size;
}

/** The lowest `count` indexes below `completions` that are not in the set. */
export function firstMissing(set: IndexSet, count: number, completions: number): readonly number[] {
  const result: number[] = [];
  let candidate = 0;
  for (const [first, last] of [...set, [completions, completions] as const]) {
    while (candidate < first && result.length < count) result.push(candidate++);
    candidate = last + 1;
  }
  return result;
}

/** `0,2-4,6`: as statuses carry it. Two neighbours are written as two. */
export function writeIndexes(set: IndexSet): string {
  return set
    .map(([first, last]) => {
      if (first === last) return String(first);
      return `${first}${last === first + 1 ? ',' : '-'}${last}`;
    })
    .join(',');
}
