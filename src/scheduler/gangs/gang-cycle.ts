/** Looks for places for all pods of a gang at once: either there are enough, or everything is as it was. */
import type { Pod } from '#api/core/pod';
import type { Decision } from '../decision.ts';
import type { Nominations } from '../nominations.ts';
import type { PlacedPods } from '../placed-pods.ts';
import type { Candidate } from '../preemption/candidate.ts';
import type { Gang } from './gangs.ts';

export type GangTry = { readonly pod: Pod; readonly decision: Decision };

export type GangOutcome =
  /** Those that found a place are counted there. */
  | { readonly kind: 'place'; readonly tries: readonly GangTry[] }
  /** There would be enough places if others left: each pod with its node. */
  | {
      readonly kind: 'clear';
      readonly promised: readonly Promised[];
      readonly tries: readonly GangTry[];
      readonly message: string;
    }
  | { readonly kind: 'refuse'; readonly tries: readonly GangTry[]; readonly message: string };

export type Promised = { readonly pod: Pod; readonly node: string; readonly cleared: Candidate | undefined };

export type GangCycleParts = {
  readonly placed: PlacedPods;
  readonly nominations: Nominations;
  readonly decide: (pod: Pod) => Decision;
};

export function tryGang(gang: Gang, members: readonly Pod[], parts: GangCycleParts): GangOutcome {
  const { tries, found, left } = tryMembers(gang, members, parts);
  if (found >= gang.minCount) return { kind: 'place', tries };
  takeBack(tries, parts);
  const message = `pod group is unschedulable, minCount (${gang.minCount}) cannot be satisfied: ${found} scheduled, ${left} remaining`;
  const wouldClear = tries.some(({ decision }) => clearedBy(decision) !== undefined);
  const promised = wouldClear ? tryClearing(gang, members, parts) : undefined;
  return promised === undefined ? { kind: 'refuse', tries, message } : { kind: 'clear', promised, tries, message };
}

type Tried = { readonly tries: readonly GangTry[]; readonly found: number; readonly left: number };

function tryMembers(gang: Gang, members: readonly Pod[], parts: GangCycleParts): Tried {
  const tries: GangTry[] = [];
  try {
    return { tries, ...countTries(gang, members, { ...parts, tries }) };
  } catch (error) {
    takeBack(tries, parts);
    throw error;
  }
}

/** Fills `tries`; those that find a place are counted there. */
function countTries(
  gang: Gang,
  members: readonly Pod[],
  { placed, decide, tries }: GangCycleParts & { readonly tries: GangTry[] },
): Pick<Tried, 'found' | 'left'> {
  let found = gang.placed;
  let left = members.length;
  for (const pod of members) {
    const decision = decide(pod);
    tries.push({ pod, decision });
    left--;
    if (decision.kind === 'place') {
      found++;
      placed.assume(pod, decision.node);
    } else if (found + left < gang.minCount) break;
  }
  return { found, left };
}

function takeBack(tries: readonly GangTry[], parts: GangCycleParts): void {
  for (const { pod, decision } of tries) if (decision.kind === 'place') withdraw(pod, parts);
}

/** What the pod was promised before, it is promised still. */
function withdraw(pod: Pod, { placed, nominations }: GangCycleParts): void {
  const promised = nominations.nodeOf(pod.metadata.uid);
  if (promised === undefined) placed.remove(pod.metadata.uid);
  else placed.assume(pod, promised);
}

/** As if those had left already who would have to: undefined when that is not enough either. */
function tryClearing(gang: Gang, members: readonly Pod[], parts: GangCycleParts): readonly Promised[] | undefined {
  const { placed, decide } = parts;
  const promised = members.flatMap((pod) => {
    const each = promisedBy(pod, decide(pod));
    for (const victim of victimsOf(each)) placed.remove(victim.metadata.uid);
    if (each !== undefined) placed.assume(pod, each.node);
    return each ?? [];
  });
  for (const { pod } of promised) withdraw(pod, parts);
  for (const victim of promised.flatMap(victimsOf)) placed.set(victim);
  return gang.placed + promised.length >= gang.minCount ? promised : undefined;
}

function promisedBy(pod: Pod, decision: Decision): Promised | undefined {
  const cleared = clearedBy(decision);
  const node = decision.kind === 'place' ? decision.node : cleared?.node;
  return node === undefined ? undefined : { pod, node, cleared };
}

const victimsOf = (promised: Promised | undefined): readonly Pod[] => promised?.cleared?.victims ?? [];

function clearedBy(decision: Decision): Candidate | undefined {
  if (decision.kind === 'place' || decision.preemption?.kind !== 'clear') return undefined;
  return decision.preemption.candidate;
}
