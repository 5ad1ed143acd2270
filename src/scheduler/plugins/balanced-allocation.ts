/** Prefers nodes whose CPU and memory would be used in equal shares (upstream: NodeResourcesBalancedAllocation). */
import { podRequests } from '#api/core/pod-resources';
import { MAX_SCORE, type ScorePlugin } from '../framework/plugin.ts';

const BALANCED = ['cpu', 'memory'];

export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score: (pod, { allocatable, requested }) => {
    const asked = podRequests(pod);
    const shares = BALANCED.filter((name) => (allocatable[name] ?? 0) > 0).map((name) =>
      Math.min(1, ((requested[name] ?? 0) + (asked[name] ?? 0)) / (allocatable[name] ?? 1)),
    );
    return Math.floor((1 - standardDeviation(shares)) * MAX_SCORE);
  },
};

function standardDeviation(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
