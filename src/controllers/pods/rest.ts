/** How long a key rests after a look at its pods: to look at a thousand for each of them that changes would take a million looks. */

const MANY_PODS = 100;
const MS_PER_POD = 0.5;
const LONGEST_MS = 1_000;

/** Undefined for few pods: each of their changes is seen to at once. */
export function restAfter(pods: number): number | undefined {
  return pods < MANY_PODS ? undefined : Math.min(LONGEST_MS, pods * MS_PER_POD);
}
