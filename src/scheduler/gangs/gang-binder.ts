/** Binds the pods of a gang: none before all have what they claim, and those that are not bound in time let go of everything. */
import type { Pod } from '#api/core/pod';
import { deadlineScope, unlessAborted } from '#base/abort';
import { backoffMs, type BackoffPolicy } from '#base/backoff';
import { asError, errorMessage } from '#base/errors';
import { isOutdated } from '../binding.ts';
import type { Held } from '../claims.ts';
import type { SchedulerParts } from '../parts.ts';
import type { Placer } from '../placer.ts';
import type { Gang } from './gangs.ts';
import { reportGroup, type Shortfall } from './group-reporting.ts';
import { scheduleTimeoutMs } from './schedule-timeout.ts';

/** A pod of a gang, with the node it is counted on and what it holds there. */
export type GangMember = { readonly pod: Pod; readonly node: string; readonly held?: Held | undefined };

// A binding that fails is tried again while the gang has time: its place is kept, so that no other gang gets part of the room.
const BACKOFF: BackoffPolicy = { baseMs: 100, capMs: 5000 };

export class GangBinder {
  readonly #parts: SchedulerParts;
  readonly #placer: Placer;

  constructor(parts: SchedulerParts, placer: Placer) {
    this.#parts = parts;
    this.#placer = placer;
  }

  async bind(gang: Gang, members: readonly GangMember[]): Promise<void> {
    const { world, signal } = this.#parts;
    const decidedMs = world.clock.now();
    for (const { pod, node } of members) this.#placer.begin(pod, node);
    const timeoutMs = scheduleTimeoutMs(gang.group);
    using scope = deadlineScope(timeoutMs, world.clock, signal);
    try {
      const unprepared = await this.#prepare(gang, members, scope.signal);
      if (unprepared !== undefined) return this.#giveUp(gang, members, unprepared);
      const failures = await Promise.all(members.map((member) => this.#bindOne(member, decidedMs, scope.signal)));
      this.#finish(gang, members, failures);
    } finally {
      for (const _ of members) this.#placer.end();
    }
  }

  /** Resolves when all have what they claim, or with what keeps them from it. */
  async #prepare(gang: Gang, members: readonly GangMember[], signal: AbortSignal): Promise<unknown> {
    const { claims } = this.#parts;
    const binding = members.flatMap(({ held }) => (held === undefined ? [] : [claims.bind(held, signal)]));
    if (binding.length === 0) return undefined;
    try {
      await unlessAborted(Promise.all(binding), signal);
      return this.#areEnough(gang, members) ? undefined : new Error('pods or nodes have gone meanwhile');
    } catch (error) {
      return isTimeout(error) ? outOfTime(gang) : error;
    }
  }

  /** Pods may have been deleted while the others were waited for, and nodes too. */
  #areEnough({ group, minCount }: Gang, members: readonly GangMember[]): boolean {
    const { assumed, state, gangs } = this.#parts;
    const left = members.filter(({ pod, node }) => assumed.has(pod.metadata.uid) && state.slotOf(node) !== undefined);
    const gone = members.length - left.length;
    return gone === 0 || gangs.placedOf(group) - gone >= minCount;
  }

  /** Resolves with why it was not bound, if it was not. */
  async #bindOne({ pod, node }: GangMember, decidedMs: number, signal: AbortSignal): Promise<unknown> {
    const { world, reporter } = this.#parts;
    for (let failures = 1; ; failures++) {
      try {
        await unlessAborted(this.#placer.bind(pod, node), signal);
        reporter.scheduled(pod, node, decidedMs);
        return undefined;
      } catch (error) {
        if (signal.aborted || isOutdated(error)) return error;
        const waited = await this.#pause(backoffMs(failures, BACKOFF, world.random), signal);
        if (!waited) return error;
      }
    }
  }

  /** False when time is up first. */
  async #pause(delayMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#parts.world.clock.sleep(delayMs, signal);
      return true;
    } catch {
      return false;
    }
  }

  #finish(gang: Gang, members: readonly GangMember[], failures: readonly unknown[]): void {
    const failed = members.filter((_, index) => failures[index] !== undefined);
    if (failed.length === 0) return void reportGroup(this.#parts, gang.group);
    const error = failures.find((failure) => failure !== undefined && !isTimeout(failure)) ?? outOfTime(gang);
    // The others are there: what they need keeps being theirs before it is anybody's who matters no more.
    const promised = failed.length < members.length || gang.placed > 0;
    this.#release(gang, failed, { error, promised });
  }

  #giveUp(gang: Gang, members: readonly GangMember[], error: unknown): void {
    this.#release(gang, members, { error, promised: false });
  }

  #release(
    gang: Gang,
    members: readonly GangMember[],
    { error, promised }: { readonly error: unknown; readonly promised: boolean },
  ): void {
    const { signal, reporter, logger, nominations } = this.#parts;
    if (signal.aborted) return;
    const message = errorMessage(error);
    logger.warn('cannot bind a gang', { group: gang.group.metadata.name, error: asError(error) });
    for (const { held } of members) if (held !== undefined) void this.#takeBack(held);
    for (const { pod, node } of members) {
      if (!this.#placer.withdraw(pod)) continue;
      if (promised) nominations.set(pod, node);
      reporter.failed(pod, { message, reason: 'SchedulerError' });
    }
    void reportGroup(this.#parts, gang.group, this.#shortfall(gang, message));
  }

  #shortfall({ group, minCount }: Gang, message: string): Shortfall | undefined {
    const bound = this.#parts.gangs.placedOf(group);
    if (bound >= minCount) return undefined;
    return {
      reason: 'SchedulerError',
      message: `pod group is unschedulable, minCount (${minCount}) cannot be satisfied: ${bound} bound: ${message}`,
    };
  }

  async #takeBack(held: Held): Promise<void> {
    const { claims, signal, logger } = this.#parts;
    try {
      await claims.takeBack(held);
    } catch (error) {
      if (signal.aborted || isOutdated(error)) return;
      logger.warn('cannot take devices back', { pod: held.pod.metadata.name, error: asError(error) });
    }
  }
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

const outOfTime = ({ group }: Gang): Error =>
  new Error(`pods of the gang were not bound within ${scheduleTimeoutMs(group) / 1000}s`);
