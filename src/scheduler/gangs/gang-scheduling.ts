/** Gives a gang its turn: all of its pods that wait are tried together, and what came of it is done for all of them. */
import type { Pod } from '#api/core/pod';
import type { Decider } from '../decider.ts';
import { explainRefusal } from '../framework/placement.ts';
import type { SchedulerParts } from '../parts.ts';
import type { Placer } from '../placer.ts';
import { type Refuser, refusers } from '../refuser.ts';
import { type GangOutcome, type GangTry, type Promised, tryGang } from './gang-cycle.ts';
import { type Gang, GANG_SCHEDULING } from './gangs.ts';
import { reportGroup } from './group-reporting.ts';

export type GangSchedulingParts = {
  readonly parts: SchedulerParts;
  readonly decider: Decider;
  readonly placer: Placer;
  readonly refuser: Refuser;
};

export class GangScheduling {
  readonly #parts: SchedulerParts;
  readonly #decider: Decider;
  readonly #placer: Placer;
  readonly #refuser: Refuser;

  constructor({ parts, decider, placer, refuser }: GangSchedulingParts) {
    this.#parts = parts;
    this.#decider = decider;
    this.#placer = placer;
    this.#refuser = refuser;
  }

  /** The gang that the pod can be placed with only. */
  gangOf(pod: Pod): Gang | undefined {
    const { gangs, profileOf } = this.#parts;
    const gang = gangs.gangOf(pod);
    return gang !== undefined && profileOf(pod)?.respectsGangs === true ? gang : undefined;
  }

  /** All that wait are tried together, whoever's turn it is. */
  schedule(first: Pod, gang: Gang): void {
    const { removal, queue, placed, nominations } = this.#parts;
    // Until all victims have been told, they would be chosen anew.
    if ([...gang.waiting].some((uid) => removal.isPreempting(uid))) return queue.retry(first.metadata.uid);
    const others = [...gang.waiting].flatMap((uid) => queue.take(uid) ?? []);
    const members = [first, ...others];
    try {
      const outcome = tryGang(gang, members, { placed, nominations, decide: (pod) => this.#decider.decide(pod) });
      void reportGroup(this.#parts, gang.group, outcome.kind === 'place' ? undefined : outcome.message);
      this.#act(members, outcome);
    } catch (error) {
      for (const pod of members) this.#refuser.failed(pod, error);
    }
  }

  #act(members: readonly Pod[], outcome: GangOutcome): void {
    if (outcome.kind === 'place') return this.#place(outcome.tries);
    const { nominations, queue, reporter } = this.#parts;
    if (outcome.kind === 'clear') this.#clear(outcome.promised);
    else if (!this.#waitsForVictims(outcome.tries))
      for (const { metadata } of members) nominations.delete(metadata.uid);
    const refusals = new Map(outcome.tries.map(({ pod, decision }) => [pod, decision]));
    for (const pod of members) {
      const { uid } = pod.metadata;
      const decision = refusals.get(pod);
      const nominatedNode = nominations.nodeOf(uid) ?? '';
      if (decision?.kind === 'refuse') {
        queue.setAside(uid, refusers(decision.refused));
        reporter.failed(pod, { message: explainRefusal(decision.refused), nominatedNode });
      } else {
        // It would have a place, were there places enough for its gang.
        queue.setAside(uid, new Set([GANG_SCHEDULING]));
        reporter.failed(pod, { message: outcome.message, nominatedNode });
      }
    }
  }

  #place(tries: readonly GangTry[]): void {
    for (const { pod, decision } of tries) {
      if (decision.kind === 'place') void this.#placer.place(pod, decision.node, decision.claims);
      else this.#refuser.refuse(pod, decision);
    }
  }

  /** Then the gang keeps what it was promised; otherwise it holds nothing. */
  #waitsForVictims(tries: readonly GangTry[]): boolean {
    return tries.some(({ pod, decision }) => {
      if (decision.kind === 'place' || decision.preemption?.kind !== 'none') return false;
      return (
        decision.preemption.nomination === 'keep' && this.#parts.nominations.nodeOf(pod.metadata.uid) !== undefined
      );
    });
  }

  /** Every pod is promised its node, so that nobody takes the place of one while others are being made. */
  #clear(promised: readonly Promised[]): void {
    for (const { pod, node } of promised) this.#parts.nominations.set(pod, node);
    for (const { pod, cleared } of promised) if (cleared !== undefined) void this.#refuser.clear(pod, cleared);
  }
}
