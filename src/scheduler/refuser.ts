/** Sets pods aside for which there is no node, tells why, and clears a node for those that matter more than others. */
import { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { asError, errorMessage } from '#base/errors';
import type { PodClaims } from './claims.ts';
import type { Refusing } from './decision.ts';
import { explainRefusal, type Refused, refusingPlugins } from './framework/placement.ts';
import type { SchedulerParts } from './parts.ts';
import type { Candidate } from './preemption/candidate.ts';
import { priorityOf } from './preemption/importance.ts';
import type { Preemption } from './preemption/preemption-planner.ts';
import { NO_NODES } from './queue/event-hints.ts';
import type { Failure } from './reporting.ts';

export class Refuser {
  readonly #parts: SchedulerParts;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  refuse(pod: Pod, { refused, claims, preemption }: Refusing): void {
    this.#parts.queue.setAside(pod.metadata.uid, refusers(refused));
    const why = explainRefusal(refused);
    this.#parts.reporter.failed(pod, this.#failure(pod, why, preemption));
    if (preemption?.kind === 'clear') void this.clear(pod, preemption.candidate);
    if (claims.devices !== undefined) void this.#giveBack(pod, claims);
  }

  /** Thinking about it went wrong. */
  failed(pod: Pod, error: unknown): void {
    const { logger, reporter, queue } = this.#parts;
    const { uid, namespace, name } = pod.metadata;
    logger.warn('cannot schedule a pod', { pod: `${namespace}/${name}`, error: asError(error) });
    reporter.failed(pod, { message: errorMessage(error), reason: 'SchedulerError' });
    queue.retry(uid);
  }

  /** The node counts the pod from now on, so that nobody who matters less takes what becomes free. */
  async clear(pod: Pod, candidate: Candidate): Promise<void> {
    const { nominations, removal, queue } = this.#parts;
    const { uid } = pod.metadata;
    const others = nominations.lowerOn(candidate.node, priorityOf(pod));
    for (const other of others) this.#unnominate(other);
    nominations.set(pod, candidate.node);
    const areAsked = await removal.remove(pod, candidate);
    queue.recheck(uid);
    if (!areAsked) queue.activate([uid]);
  }

  /** Devices that no node reaches keep nobody from better ones. */
  async #giveBack(pod: Pod, claims: PodClaims): Promise<void> {
    const { informers, signal, logger } = this.#parts;
    try {
      await this.#parts.claims.giveBack(pod, claims, informers.for(Node).list());
    } catch (error) {
      if (signal.aborted || isApiError(error, 'NotFound', 'Conflict')) return;
      logger.warn('cannot give devices back', { pod: pod.metadata.name, error: asError(error) });
    }
  }

  #failure(pod: Pod, why: string, preemption: Preemption | undefined): Failure {
    if (preemption === undefined) return { message: why };
    if (preemption.kind === 'clear') return { message: why, nominatedNode: preemption.candidate.node };
    const message = `${why} ${preemption.message}`;
    if (preemption.nomination === 'keep') return { message };
    this.#parts.nominations.delete(pod.metadata.uid);
    return { message, nominatedNode: '' };
  }

  /** What the pod waited for goes to another: it looks for a node of its own at once. */
  #unnominate(pod: Pod): void {
    const { nominations, reporter, queue } = this.#parts;
    nominations.delete(pod.metadata.uid);
    reporter.unnominated(pod);
    queue.activate([pod.metadata.uid]);
  }
}

/** Whom the pod waits for. */
export const refusers = (refused: Refused): ReadonlySet<string> =>
  refused.nodeCount === 0 ? new Set([NO_NODES]) : refusingPlugins(refused);
