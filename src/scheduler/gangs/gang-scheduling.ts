/** Gives a gang its turn: all of its pods that wait are tried together, and what came of it is done for all of them. */
import { Pod } from '#api/core/pod';
import { refOf } from '#api/object';
import { errorMessage } from '#base/errors';
import type { Decider } from '../decider.ts';
import type { ExtendedDecider } from '../extenders/extended-decider.ts';
import { explainRefusal } from '../framework/placement.ts';
import type { SchedulerParts } from '../parts.ts';
import type { Placer } from '../placer.ts';
import { type Refuser, refusers } from '../refuser.ts';
import { GangBinder } from './gang-binder.ts';
import {
  type GangCycle,
  type GangCycleParts,
  type GangOutcome,
  type GangTry,
  type Promised,
  takeBack,
  tryGang,
} from './gang-cycle.ts';
import { type Gang, GANG_SCHEDULING } from './gangs.ts';
import { reportGroup } from './group-reporting.ts';
import { runCycle, runCycleSlowly } from './run-cycle.ts';

export type GangSchedulingParts = {
  readonly parts: SchedulerParts;
  readonly decider: Decider;
  readonly extended: ExtendedDecider;
  readonly placer: Placer;
  readonly refuser: Refuser;
};

export class GangScheduling {
  readonly #parts: SchedulerParts;
  readonly #decider: Decider;
  readonly #extended: ExtendedDecider;
  readonly #refuser: Refuser;
  readonly #binder: GangBinder;
  readonly #cycleParts: GangCycleParts;

  constructor({ parts, decider, extended, placer, refuser }: GangSchedulingParts) {
    this.#parts = parts;
    this.#decider = decider;
    this.#extended = extended;
    this.#refuser = refuser;
    this.#binder = new GangBinder(parts, placer);
    const { placed, nominations, claims } = parts;
    this.#cycleParts = {
      placed,
      nominations,
      hold: (pod, { node, claims: claimed }) => placer.hold(pod, node, claimed),
      release: (held) => claims.release(held),
      restore: (pod) => this.#restore(pod),
    };
  }

  /** The gang that the pod can be placed with only. */
  gangOf(pod: Pod): Gang | undefined {
    const { gangs, profileOf } = this.#parts;
    const gang = gangs.gangOf(pod);
    return gang !== undefined && profileOf(pod)?.respectsGangs === true ? gang : undefined;
  }

  /** All that wait are tried together, whoever's turn it is. Returns what is waited for while extenders are asked. */
  schedule(first: Pod, gang: Gang): Promise<void> | undefined {
    const { removal, queue } = this.#parts;
    // Until all victims have been told, they would be chosen anew.
    if ([...gang.waiting].some((uid) => removal.isPreempting(uid))) {
      queue.retry(first.metadata.uid);
      return undefined;
    }
    const others = [...gang.waiting].flatMap((uid) => queue.take(uid) ?? []);
    const members = [first, ...others];
    if (members.some((pod) => this.#extended.concerns(pod))) return this.#scheduleSlowly(gang, members);
    try {
      const outcome = runCycle(this.#cycle(gang, members), (pod) => this.#decider.decide(pod));
      this.#act(gang, members, outcome);
    } catch (error) {
      this.#failed(gang, members, error);
    }
    return undefined;
  }

  async #scheduleSlowly(gang: Gang, members: readonly Pod[]): Promise<void> {
    const { signal } = this.#parts;
    try {
      const outcome = await runCycleSlowly(this.#cycle(gang, members), (pod) => this.#extended.decide(pod));
      if (signal.aborted) return;
      if (members.every((pod) => this.#isWaiting(pod))) return this.#act(gang, members, outcome);
      // Some went away while the extenders were asked about others.
      if (outcome.kind === 'place') takeBack(outcome.tries, this.#cycleParts);
      for (const { metadata } of members) this.#parts.queue.retry(metadata.uid);
    } catch (error) {
      if (!signal.aborted) this.#failed(gang, members, error);
    }
  }

  #cycle(gang: Gang, members: readonly Pod[]): GangCycle {
    return tryGang(gang, members, this.#cycleParts);
  }

  #isWaiting({ metadata }: Pod): boolean {
    return this.#parts.queue.has(metadata.uid);
  }

  #failed({ group }: Gang, members: readonly Pod[], error: unknown): void {
    void reportGroup(this.#parts, group, { reason: 'SchedulerError', message: errorMessage(error) });
    for (const pod of members) this.#refuser.failed(pod, error);
  }

  /** A victim that may have changed or gone while extenders were asked. */
  #restore(pod: Pod): void {
    const { placed, assumed, informers } = this.#parts;
    const { uid } = pod.metadata;
    if (assumed.has(uid)) return placed.set(pod);
    const current = informers.for(Pod).get(refOf(pod));
    if (current?.metadata.uid === uid) placed.set(current);
  }

  #act(gang: Gang, members: readonly Pod[], outcome: GangOutcome): void {
    if (outcome.kind === 'place') return this.#place(gang, outcome.tries);
    const { nominations, queue, reporter } = this.#parts;
    void reportGroup(this.#parts, gang.group, { reason: 'Unschedulable', message: outcome.message });
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

  #place(gang: Gang, tries: readonly GangTry[]): void {
    const members = tries.flatMap(({ pod, decision, held }) =>
      decision.kind === 'place' ? [{ pod, node: decision.node, held }] : [],
    );
    void this.#binder.bind(gang, members);
    for (const { pod, decision } of tries) if (decision.kind === 'refuse') this.#refuser.refuse(pod, decision);
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
