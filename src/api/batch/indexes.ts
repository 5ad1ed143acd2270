/** Sets of completion indexes as the API writes them: `1,3-5,7`. */

type Interval = readonly [first: number, last: number];

/** What is wrong with the text, in upstream's words. */
export class IndexesError extends Error {
  override readonly name = 'IndexesError';
}

/** The intervals of a set of indexes below `completions`; throws for what is not one. */
export function parseIndexes(text: string, completions: number): readonly Interval[] {
  const intervals: Interval[] = [];
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = parseInterval(part, completions);
    const previous = intervals.at(-1)?.[1];
    if (previous !== undefined && previous >= interval[0]) throw notIncreasing(previous, interval[0]);
    intervals.push(interval);
  }
  return intervals;
}

function parseInterval(text: string, completions: number): Interval {
  const [first = '', last, ...more] = text.split('-');
  if (more.length > 0) {
    const shown = JSON.stringify(text);
    throw new IndexesError(
      `the fragment ${shown} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const low = parseIndex(first, completions);
  if (last === undefined) return [low, low];
  const high = parseIndex(last, completions);
  if (low >= high) throw notIncreasing(low, high);
  return [low, high];
}

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}

const notIncreasing = (previous: number, current: number): IndexesError =>
  new IndexesError(`non-increasing order, previous: ${previous}, current: ${current}`);

export function countIndexes(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The first index that is in both sets. */
export function firstShared(left: readonly Interval[], right: readonly Interval[]): number | undefined {
  for (let at = 0, other = 0; at < left.length && other < right.length;) {
    const [first, last] = left[at]!;
    const [otherFirst, otherLast] = right[other]!;
    if (first <= otherLast && otherFirst <= last) return Math.max(first, otherFirst);
    if (first <= otherFirst) at++;
    else other++;
  }
  return undefined;
}
