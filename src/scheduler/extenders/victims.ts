/** How extenders are told whom a node would lose, and how they tell which of that they allow. Pure. */
import { isJsonObject } from '#api/meta/json-value';
import type { ExtenderConfig } from '../config/types.ts';
import { type Candidate, candidate } from '../preemption/candidate.ts';

export function metaVictims(candidates: readonly Candidate[]): object {
  return byNode(candidates, ({ victims, violations }) => ({
    Pods: victims.map(({ metadata }) => ({ UID: metadata.uid })),
    NumPDBViolations: violations,
  }));
}

export function wholeVictims(candidates: readonly Candidate[]): object {
  return byNode(candidates, ({ victims, violations }) => ({ Pods: victims, NumPDBViolations: violations }));
}

const byNode = (candidates: readonly Candidate[], shown: (each: Candidate) => object): object =>
  Object.fromEntries(candidates.map((each) => [each.node, shown(each)]));

type Answer = { readonly Pods?: readonly { readonly UID?: string }[]; readonly NumPDBViolations?: number };

export function victimsFrom(
  answer: unknown,
  candidates: readonly Candidate[],
  { urlPrefix, ignorable = false }: ExtenderConfig,
): readonly Candidate[] {
  const known = new Map(candidates.map((each) => [each.node, each]));
  return Object.entries(isJsonObject(answer) ? answer : {}).flatMap(([node, given]) => {
    const { Pods: pods = [], NumPDBViolations: violations = 0 } = (given ?? {}) as Answer;
    if (pods.length === 0) {
      if (ignorable) return [];
      throw new Error(`expected at least one victim pod on node ${JSON.stringify(node)}`);
    }
    const victims = pods.map(({ UID: uid = '' }) => {
      const victim = known.get(node)?.victims.find(({ metadata }) => metadata.uid === uid);
      if (victim !== undefined) return victim;
      throw new Error(
        `extender: ${urlPrefix} claims to preempt pod (UID: ${uid}) on node: ${node}, but the pod is not found on that node`,
      );
    });
    return [candidate(node, victims, violations)];
  });
}
