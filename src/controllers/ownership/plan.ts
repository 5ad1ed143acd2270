/** Decides which objects an owner has, takes and lets go, by its selector and their owner references. */
import { matchesLabels, type Selector } from '#api/meta/label-selector';
import { controllerOf } from '#api/meta/owner-reference';
import type { ApiObject } from '#api/object';

type Labels = ApiObject['metadata']['labels'];

export type ClaimPlan<T> = {
  readonly owned: readonly T[];
  /** Without an owner, and the selector finds them. */
  readonly adopt: readonly T[];
  /** Owned, and the selector no longer finds them. */
  readonly release: readonly T[];
};

export function planClaim<T extends ApiObject>(
  owner: ApiObject,
  selector: Selector,
  objects: readonly T[],
): ClaimPlan<T> {
  const plan = { owned: [] as T[], adopt: [] as T[], release: [] as T[] };
  const matches = matching(selector);
  for (const object of objects) {
    const claim = claimOf(owner, matches(object.metadata.labels), object);
    if (claim !== 'none') plan[claim].push(object);
  }
  return plan;
}

/** Those that were made of one template share their labels, which are looked at once. */
function matching(selector: Selector): (labels: Labels) => boolean {
  let last: Labels;
  let answer = matchesLabels(selector, last);
  return (labels) => {
    if (labels !== last) answer = matchesLabels(selector, labels);
    last = labels;
    return answer;
  };
}

function claimOf(owner: ApiObject, matches: boolean, object: ApiObject): keyof ClaimPlan<ApiObject> | 'none' {
  const ending = owner.metadata.deletionTimestamp !== undefined;
  const controller = controllerOf(object);
  if (controller !== undefined) {
    if (controller.uid !== owner.metadata.uid) return 'none';
    if (matches) return 'owned';
    return ending ? 'none' : 'release';
  }
  // An owner that goes away takes nothing with it, and what goes away itself needs no owner.
  return matches && !ending && object.metadata.deletionTimestamp === undefined ? 'adopt' : 'none';
}
