/** Looks for a node for a pod in whose placing extenders have a say. The cluster may change while they are asked. */
import type { Pod } from '#api/core/pod';
import type { Node } from '#api/core/node';
import type { PodClaims } from '../claims.ts';
import type { Decision, Refusing } from '../decision.ts';
import type { Plugin } from '../framework/plugin.ts';
import type { Preemption } from '../preemption/preemption-planner.ts';
import { extenderFilter, type Extenders } from './extenders.ts';

export type ScoredNode = { readonly node: Node; readonly total: number };

export type ExtendedParts = {
  readonly extenders: Extenders;
  /** The nodes that all plugins accept, with what they think of them. */
  readonly candidates: (pod: Pod) => readonly ScoredNode[];
  /** What comes of it without extenders, or with what they said as one more plugin. */
  readonly decide: (pod: Pod, also: readonly Plugin[]) => Decision;
  readonly claimsOf: (pod: Pod) => PodClaims;
  readonly promisedNode: (pod: Pod) => string | undefined;
  readonly fits: (pod: Pod, node: string) => boolean;
  /** A number in [0, 1) that decides between equals. */
  readonly draw: () => number;
};

/** Undefined when the node that was chosen no longer does. Rejects when an extender that must be heard cannot be. */
export async function decideWithExtenders(pod: Pod, parts: ExtendedParts): Promise<Decision | undefined> {
  const { extenders, decide } = parts;
  const candidates = parts.candidates(pod);
  if (candidates.length === 0) return await withVictimsAllowed(pod, decide(pod, []), extenders);
  const asked = candidates.map(({ node }) => node);
  const filtered = await extenders.filter(pod, asked);
  const accepted = new Set(filtered.nodes);
  const left = candidates.filter(({ node }) => accepted.has(node.metadata.name));
  if (left.length === 0)
    return await withVictimsAllowed(pod, decide(pod, [extenderFilter(filtered, asked)]), extenders);
  const node = await choose(pod, left, parts);
  return parts.fits(pod, node) ? { kind: 'place', node, claims: parts.claimsOf(pod) } : undefined;
}

/** The node that was cleared for the pod, or the best in everybody's opinion. */
async function choose(pod: Pod, left: readonly ScoredNode[], parts: ExtendedParts): Promise<string> {
  const promised = parts.promisedNode(pod);
  if (promised !== undefined && left.some(({ node }) => node.metadata.name === promised)) return promised;
  const nodes = left.map(({ node }) => node);
  const opinions = await parts.extenders.prioritize(pod, nodes);
  const totals = left.map(({ node, total }) => total + (opinions.get(node.metadata.name) ?? 0));
  const highest = Math.max(...totals);
  const best = nodes.filter((_, index) => totals[index] === highest);
  return best[Math.floor(parts.draw() * best.length)]?.metadata.name ?? '';
}

async function withVictimsAllowed(pod: Pod, decision: Decision, extenders: Extenders): Promise<Decision> {
  if (decision.kind === 'place' || decision.preemption?.kind !== 'clear') return decision;
  const { candidate, others } = decision.preemption;
  const allowed = await extenders.preempt(pod, [candidate, ...others().filter((other) => other !== candidate)]);
  return { ...decision, preemption: allowed === undefined ? NOBODY : { kind: 'clear', candidate: allowed, others } };
}

const NOBODY: Refusing['preemption'] & Preemption = {
  kind: 'none',
  message: 'preemption: no candidate node for preemption',
  nomination: 'keep',
};
