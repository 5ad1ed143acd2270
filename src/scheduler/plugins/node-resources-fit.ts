/** Refuses nodes that lack what the pod requests, and prefers those that keep most free (upstream: LeastAllocated). */
import { podRequests } from '#api/core/pod-resources';
import { type NodeState, scoreRequests } from '../framework/node-state.ts';
import { FITS, type FilterPlugin, MAX_SCORE, refused, refusedForGood, type ScorePlugin } from '../framework/plugin.ts';

export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  wakesOn: ['NodeAdded', 'NodeChanged', 'PodRemoved'],
  filter: (pod, state) => {
    const asked = Object.entries(podRequests(pod)).filter(([, amount]) => amount > 0);
    const short = asked.filter(([name, amount]) => amount > free(state, name)).map(([name]) => name);
    const reasons = short.map((name) => `Insufficient ${name}`);
    if (state.podCount + 1 > (state.allocatable['pods'] ?? 0)) reasons.unshift('Too many pods');
    if (reasons.length === 0) return FITS;
    const hopeless = asked.some(([name, amount]) => amount > (state.allocatable[name] ?? 0));
    return hopeless ? refusedForGood(...reasons) : refused(...reasons);
  },
};

const free = ({ allocatable, requested }: NodeState, name: string): number =>
  (allocatable[name] ?? 0) - (requested[name] ?? 0);

export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  score: (pod, state) => {
    const asked = scoreRequests(pod);
    const cpu = freeShare(state.allocatable['cpu'] ?? 0, state.requestedForScore.cpu + asked.cpu);
    const memory = freeShare(state.allocatable['memory'] ?? 0, state.requestedForScore.memory + asked.memory);
    const known = [cpu, memory].filter((share) => share !== undefined);
    return known.length === 0 ? 0 : Math.floor(known.reduce((sum, share) => sum + share, 0) / known.length);
  },
};

function freeShare(capacity: number, requested: number): number | undefined {
  if (capacity === 0) return undefined;
  return requested > capacity ? 0 : Math.floor(((capacity - requested) * MAX_SCORE) / capacity);
}
