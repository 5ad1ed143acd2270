/** Drives off the pods that make room for another: says why on each, then deletes it. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { refOf } from '#api/object';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { Client } from '#client/client';
import type { Reporter } from '../reporting.ts';
import type { Candidate } from './candidate.ts';

export type VictimRemovalOptions = {
  readonly client: Client;
  readonly reporter: Reporter;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

export class VictimRemoval {
  readonly #options: VictimRemovalOptions;
  /** Pods whose victims are being told. */
  readonly #preempting = new Set<string>();

  constructor(options: VictimRemovalOptions) {
    this.#options = options;
  }

  isPreempting(uid: string): boolean {
    return this.#preempting.has(uid);
  }

  /** Resolves when all have been asked to go; false when some could not be. */
  async remove(preemptor: Pod, { node, victims }: Pick<Candidate, 'node' | 'victims'>): Promise<boolean> {
    const { uid } = preemptor.metadata;
    this.#preempting.add(uid);
    const asked = await Promise.all(
      victims
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map((victim) => this.#removeOne(victim, preemptor, node)),
    );
    this.#preempting.delete(uid);
    return asked.every(Boolean);
  }

  async #removeOne(victim: Pod, preemptor: Pod, node: string): Promise<boolean> {
    const { client, reporter, logger, signal } = this.#options;
    const { namespace, name, uid } = victim.metadata;
    try {
      await reporter.disrupted(victim, preemptor);
      await client.delete(Pod, refOf(victim), { preconditions: { uid } });
      reporter.preempted(victim, preemptor, node);
      return true;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true;
      if (!signal.aborted)
        logger.warn('cannot preempt a pod', { pod: `${namespace}/${name}`, node, error: asError(error) });
      return false;
    }
  }
}
