/** Looks for places for all pods of a gang at once: either there are enough, or everything is as it was. */
import type { Pod } from '#api/core/pod';
import type { Held } from '../claims.ts';
import type { Decision } from '../decision.ts';
import type { Nominations } from '../nominations.ts';
import type { PlacedPods } from '../placed-pods.ts';
import type { Candidate } from '../preemption/candidate.ts';
import type { Gang } from './gangs.ts';

type Placing = Extract<Decision, { readonly kind: 'place' }>;

/** `held`: what the pod gets of what it claims, where it found a place. */
export type GangTry = { readonly pod: Pod; readonly decision: Decision; readonly held?: Held | undefined };

export type GangOutcome =
  /** Those that found a place are counted there, and hold what they claim. */
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
  readonly hold: (pod: Pod, placing: Placing) => Held | undefined;
  readonly release: (held: Held) => void;
  /** Counts a pod that was not counted for a while as it is now. */
  readonly restore: (pod: Pod) => void;
};

/** Asks for one pod after the other what would become of it now. */
export type GangCycle<R = GangOutcome> = Generator<Pod, R, Decision>;

export function* tryGang(gang: Gang, members: readonly Pod[], parts: GangCycleParts): GangCycle {
  const { tries, found, left } = yield* tryMembers(gang, members, parts);
  if (found >= gang.minCount) return { kind: 'place', tries };
  takeBack(tries, parts);
  const message = `pod group is unschedulable, minCount (${gang.minCount}) cannot be satisfied: ${found} scheduled, ${left} remaining`;
  const wouldClear = tries.some(({ decision }) => clearedBy(decision) !== undefined);
  const promised = wouldClear ? yield* tryClearing(gang, members, parts) : undefined;
  return promised === undefined ? { kind: 'refuse', tries, message } : { kind: 'clear', promised, tries, message };
}

type Tried = { readonly tries: readonly GangTry[]; readonly found: number; readonly left: number };

function* tryMembers(gang: Gang, members: readonly Pod[], parts: GangCycleParts): GangCycle<Tried> {
  const tries: GangTry[] = [];
  try {
    return { tries, ...(yield* countTries(gang, members, { ...parts, tries })) };
  } catch (error) {
    takeBack(tries, parts);
    throw error;
  }
}

/** Fills `tries`; those that find a place are counted there. */
function* countTries(
  gang: Gang,
  members: readonly Pod[],
  { placed, hold, tries }: GangCycleParts & { readonly tries: GangTry[] },
): GangCycle<Pick<Tried, 'found' | 'left'>> {
  let found = gang.placed;
  let left = members.length;
  for (const pod of members) {
    const decision = yield pod;
    left--;
    if (decision.kind === 'place') {
      found++;
      placed.assume(pod, decision.node);
      tries.push({ pod, decision, held: hold(pod, decision) });
    } else {
      tries.push({ pod, decision });
      if (found + left < gang.minCount) break;
    }
  }
  return { found, left };
}

/** As if nothing had been tried. */
export function takeBack(tries: readonly GangTry[], parts: GangCycleParts): void {
  for (const { pod, decision, held } of tries) {
    if (held !== undefined) parts.release(held);
    if (decision.kind === 'place') withdraw(pod, parts);
  }
}

/** What the pod was promised before, it is promised still. */
function withdraw(pod: Pod, { placed, nominations }: GangCycleParts): void {
  const promised = nominations.nodeOf(pod.metadata.uid);
  if (promised === undefined) placed.remove(pod.metadata.uid);
  else placed.assume(pod, promised);
}

/** As if those had left already who would have to: undefined when that is not enough either. */
function* tryClearing(
  gang: Gang,
  members: readonly Pod[],
  parts: GangCycleParts,
): GangCycle<readonly Promised[] | undefined> {
  const { placed, hold, release, restore } = parts;
  const promised: Promised[] = [];
  const held: Held[] = [];
  try {
    for (const pod of members) {
      const decision = yield pod;
      const each = promisedBy(pod, decision);
      for (const victim of victimsOf(each)) placed.remove(victim.metadata.uid);
      if (each === undefined) continue;
      promised.push(each);
      placed.assume(pod, each.node);
      const holding = decision.kind === 'place' ? hold(pod, decision) : undefined;
      if (holding !== undefined) held.push(holding);
    }
  } finally {
    for (const each of held) release(each);
    for (const { pod } of promised) withdraw(pod, parts);
    for (const victim of promised.flatMap(victimsOf)) restore(victim);
  }
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
