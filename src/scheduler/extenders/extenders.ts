/** Asks the extenders of a scheduler, one after the other, where a pod may go and where it had best. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { ExtenderConfig } from '../config/types.ts';
import { type Plugin, type Refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { bestCandidate, type Candidate } from '../preemption/candidate.ts';
import { type CallExtender, Extender, type Filtered } from './extender.ts';

/** In whose name pods are refused that only extenders refuse. */
export const EXTENDER = 'Extender';

export type ExtendersOptions = {
  readonly configs: readonly ExtenderConfig[];
  readonly call: CallExtender | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

export class Extenders {
  readonly #all: readonly Extender[];
  readonly #logger: Logger;

  constructor({ configs, call, logger, signal }: ExtendersOptions) {
    if (configs.length > 0 && call === undefined) throw new Error('Cannot use extenders: there is no way to call them');
    this.#all = call === undefined ? [] : configs.map((config) => new Extender(config, call, signal));
    this.#logger = logger;
  }

  /** Whether any of them has to be asked before the pod gets a node. */
  concern(pod: Pod): boolean {
    return this.#all.some(
      (each) =>
        (each.config.filterVerb || each.config.prioritizeVerb || each.config.preemptVerb) && each.isInterestedIn(pod),
    );
  }

  /** Whoever binds the pod instead of the API. */
  binderOf(pod: Pod): Extender | undefined {
    return this.#all.find((each) => each.config.bindVerb && each.isInterestedIn(pod));
  }

  /** Those of the nodes that all of them accept. Rejects when one that must be heard cannot be. */
  async filter(pod: Pod, nodes: readonly Node[]): Promise<Filtered> {
    let left = nodes;
    const failed = new Map<string, { readonly reason: string; readonly resolvable: boolean }>();
    for (const extender of this.#all.filter((each) => each.config.filterVerb && each.isInterestedIn(pod))) {
      if (left.length === 0) break;
      const found = await this.#unlessIgnorable(extender, extender.filter(pod, left));
      if (found === undefined) continue;
      for (const [node, why] of found.failed) failed.set(node, why);
      const names = new Set(found.nodes);
      left = left.filter(({ metadata }) => names.has(metadata.name));
    }
    return { nodes: left.map(({ metadata }) => metadata.name), failed };
  }

  /** What they think of the nodes, summed up. One that does not answer has no opinion. */
  async prioritize(pod: Pod, nodes: readonly Node[]): Promise<ReadonlyMap<string, number>> {
    const sums = new Map<string, number>();
    const asked = this.#all.filter((each) => each.config.prioritizeVerb && each.isInterestedIn(pod));
    const answers = await Promise.allSettled(asked.map((each) => each.prioritize(pod, nodes)));
    for (const answer of answers) {
      if (answer.status === 'rejected')
        this.#logger.warn('an extender has no opinion', { error: answer.reason as Error });
      else for (const [node, score] of answer.value) sums.set(node, (sums.get(node) ?? 0) + score);
    }
    return sums;
  }

  /** Which of the candidates is to be cleared, if all that have a say allow one. */
  async preempt(pod: Pod, candidates: readonly Candidate[]): Promise<Candidate | undefined> {
    let left = candidates;
    for (const extender of this.#all.filter((each) => each.config.preemptVerb && each.isInterestedIn(pod))) {
      if (left.length === 0) break;
      left = (await this.#unlessIgnorable(extender, extender.preempt(pod, left))) ?? left;
    }
    return bestCandidate(left);
  }

  async #unlessIgnorable<T>({ config }: Extender, asking: Promise<T>): Promise<T | undefined> {
    try {
      return await asking;
    } catch (error) {
      if (config.ignorable !== true) throw error;
      this.#logger.warn('an extender is ignored', { extender: config.urlPrefix, error: errorMessage(error) });
      return undefined;
    }
  }
}

/** Refuses what the extenders left out of what they were asked about, in their words. */
export function extenderFilter({ nodes, failed }: Filtered, asked: readonly Node[]): Plugin {
  const leftOut = new Set(asked.map(({ metadata }) => metadata.name)).difference(new Set(nodes));
  const refusals = new Map<string, Refusal>();
  const refusalFor = (reason: string, resolvable: boolean): Refusal => {
    const key = `${resolvable} ${reason}`;
    const known = refusals.get(key) ?? { reasons: [reason], resolvable };
    refusals.set(key, known);
    return known;
  };
  return {
    name: EXTENDER,
    filter: (_pod: Pod, state: ClusterState) => ({
      verdict: (slot) => {
        const name = state.nameAt(slot);
        if (!leftOut.has(name)) return undefined;
        const { reason = 'node(s) were filtered out by the extender', resolvable = false } = failed.get(name) ?? {};
        return refusalFor(reason, resolvable);
      },
    }),
  };
}
