/** How well a node's resources suit, as whole numbers from 0 to 100: upstream's scoring strategies, in its integer arithmetic. */
import { MAX_SCORE } from '../framework/plugin.ts';

/** Of what is asked and there of each resource, the pod included. What has a capacity of 0 does not count. */
export type Strategy = (requested: readonly number[], capacities: readonly number[]) => number;

export type ShapePoint = { readonly utilization: number; readonly score: number };

export const leastAllocated = (weights: readonly number[]): Strategy =>
  weightedMean(weights, (requested, capacity) =>
    requested > capacity ? 0 : Math.trunc(((capacity - requested) * MAX_SCORE) / capacity),
  );

export const mostAllocated = (weights: readonly number[]): Strategy =>
  weightedMean(weights, (requested, capacity) => Math.trunc((Math.min(requested, capacity) * MAX_SCORE) / capacity));

// Users give scores from 0 to 10.
const SHAPE_SCALE = MAX_SCORE / 10;

/** Resources that score 0 do not count at all, and the mean is rounded. */
export function requestedToCapacityRatio(weights: readonly number[], points: readonly ShapePoint[]): Strategy {
  const shape = points.map(({ utilization, score }) => ({ utilization, score: score * SHAPE_SCALE }));
  return (requested, capacities) => {
    let sum = 0;
    let weightSum = 0;
    for (const [index, capacity] of capacities.entries()) {
      if (capacity === 0) continue;
      const amount = requested[index] ?? 0;
      const utilization = amount > capacity ? 100 : Math.trunc((amount * 100) / capacity);
      const score = onShape(shape, utilization);
      if (score <= 0) continue;
      const weight = weights[index] ?? 0;
      sum += score * weight;
      weightSum += weight;
    }
    return weightSum === 0 ? 0 : Math.round(sum / weightSum);
  };
}

/** Straight lines between the points, level before the first and after the last. */
function onShape(shape: readonly ShapePoint[], utilization: number): number {
  const next = shape.findIndex((point) => utilization <= point.utilization);
  if (next <= 0) return shape.at(next)?.score ?? 0;
  const [from, to] = [shape[next - 1], shape[next]];
  if (from === undefined || to === undefined) return 0;
  const rise = (to.score - from.score) * (utilization - from.utilization);
  return from.score + Math.trunc(rise / (to.utilization - from.utilization));
}

function weightedMean(weights: readonly number[], score: (requested: number, capacity: number) => number): Strategy {
  return (requested, capacities) => {
    let sum = 0;
    let weightSum = 0;
    for (let index = 0; index < capacities.length; index++) {
      const capacity = capacities[index] ?? 0;
      if (capacity === 0) continue;
      const weight = weights[index] ?? 0;
      sum += score(requested[index] ?? 0, capacity) * weight;
      weightSum += weight;
    }
    return weightSum === 0 ? 0 : Math.trunc(sum / weightSum);
  };
}

/** The more equal the shares in use, the better. */
export function balanced(requested: readonly number[], capacities: readonly number[]): number {
  const shares: number[] = [];
  for (let index = 0; index < capacities.length; index++) {
    const capacity = capacities[index] ?? 0;
    if (capacity !== 0) shares.push(Math.min(1, (requested[index] ?? 0) / capacity));
  }
  return Math.trunc((1 - deviation(shares)) * MAX_SCORE);
}

function deviation(shares: readonly number[]): number {
  // Written as upstream writes it for two: the last bit of a fraction decides some scores.
  if (shares.length === 2) return Math.abs(((shares[0] ?? 0) - (shares[1] ?? 0)) / 2);
  if (shares.length < 2) return 0;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) * (share - mean), 0) / shares.length);
}
