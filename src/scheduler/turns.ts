/** Takes pods from the queue, one after the other, and does what was decided about each. */
import type { Pod } from '#api/core/pod';
import { onAbort } from '#base/abort';
import type { Decider } from './decider.ts';
import type { Decision } from './decision.ts';
import { ExtendedDecider } from './extenders/extended-decider.ts';
import { GangScheduling } from './gangs/gang-scheduling.ts';
import type { SchedulerParts } from './parts.ts';
import { Placer } from './placer.ts';
import type { PromisedPods } from './promised-pods.ts';
import { Refuser } from './refuser.ts';

// So long, and for so many pods, everything else in the process waits.
const TURN_MS = 5;
const PODS_PER_TURN = 200;

export class Turns {
  readonly #parts: SchedulerParts;
  readonly #decider: Decider;
  readonly #promised: PromisedPods;
  readonly #extended: ExtendedDecider;
  readonly #placer: Placer;
  readonly #refuser: Refuser;
  readonly #gangs: GangScheduling;
  /** What the extenders are being asked. Nobody else is placed meanwhile. */
  #asking: Promise<void> | undefined;

  constructor(parts: SchedulerParts, decider: Decider, promised: PromisedPods) {
    this.#parts = parts;
    this.#decider = decider;
    this.#promised = promised;
    this.#extended = new ExtendedDecider(parts, decider);
    this.#placer = new Placer(parts);
    this.#refuser = new Refuser(parts);
    const [placer, refuser, extended] = [this.#placer, this.#refuser, this.#extended];
    this.#gangs = new GangScheduling({ parts, decider, extended, placer, refuser });
  }

  async run(): Promise<void> {
    const { signal, bell, world } = this.#parts;
    const { clock } = world;
    using _queue = this.#parts.queue;
    using _overdue = this.#parts.overdue;
    using _stop = onAbort(signal, () => bell.ring());
    while (!signal.aborted) {
      if (this.#placer.isBusy) await bell.rung();
      else if (this.#scheduleSome()) await (this.#asking ?? clock.nextTurn());
      else await bell.rung();
    }
  }

  /** Returns whether pods may be left to try. */
  #scheduleSome(): boolean {
    const { clock } = this.#parts.world;
    const endMs = clock.now() + TURN_MS;
    this.#promised.call();
    for (let left = PODS_PER_TURN; left > 0 && clock.now() <= endMs; left--) {
      const pod = this.#parts.queue.pop();
      if (pod === undefined) return false;
      this.#try(pod);
      if (this.#asking !== undefined) return true;
    }
    return true;
  }

  /** A pod that cannot be thought about holds up no other. */
  #try(pod: Pod): void {
    try {
      this.#schedule(pod);
    } catch (error) {
      this.#refuser.failed(pod, error);
    }
  }

  #schedule(pod: Pod): void {
    const gang = this.#gangs.gangOf(pod);
    if (gang !== undefined) this.#wait(this.#gangs.schedule(pod, gang));
    else if (this.#extended.concerns(pod)) this.#wait(this.#scheduleExtended(pod));
    else this.#act(pod, this.#decider.decide(pod));
  }

  #wait(asking: Promise<void> | undefined): void {
    this.#asking = asking?.finally(() => {
      this.#asking = undefined;
    });
  }

  async #scheduleExtended(pod: Pod): Promise<void> {
    const { queue, signal } = this.#parts;
    const { uid } = pod.metadata;
    try {
      const decision = await this.#extended.decide(pod);
      if (!queue.has(uid)) return;
      if (decision === undefined) queue.retry(uid);
      else this.#act(pod, decision);
    } catch (error) {
      if (!signal.aborted) this.#refuser.failed(pod, error);
    }
  }

  #act(pod: Pod, decision: Decision): void {
    if (decision.kind === 'place') void this.#placer.place(pod, decision.node, decision.claims);
    else this.#refuser.refuse(pod, decision);
  }
}
