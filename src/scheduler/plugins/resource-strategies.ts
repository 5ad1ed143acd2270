/** How well a node's resources suit, as whole numbers from 0 to 100: upstream's scoring strategies, in its integer arithmetic. */
import { MAX_SCORE } from '../framework/plugin.ts';

/** What a number of nodes have of each resource, what is in use, and what the pod adds. What has a capacity of 0 does not count. */
export type Uses = {
  readonly slots: Int32Array;
  readonly count: number;
  /** By resource. */
  readonly amounts: readonly number[];
  /** By resource, then by slot. */
  readonly used: readonly Float64Array[];
  readonly capacities: readonly Float64Array[];
};

/** Writes the scores, by index among the slots. */
export type Strategy = (uses: Uses, scores: Int32Array) => void;

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
  return ({ slots, count, amounts, used, capacities }, scores) => {
    for (let node = 0; node < count; node++) {
      const slot = slots[node] as number;
      let sum = 0;
      let weightSum = 0;
      for (const [index, column] of capacities.entries()) {
        const capacity = column[slot] as number;
        if (capacity === 0) continue;
        const amount = ((used[index] as Float64Array)[slot] as number) + (amounts[index] as number);
        const utilization = amount > capacity ? 100 : Math.trunc((amount * 100) / capacity);
        const score = onShape(shape, utilization);
        if (score <= 0) continue;
        const weight = weights[index] ?? 0;
        sum += score * weight;
        weightSum += weight;
      }
      scores[node] = weightSum === 0 ? 0 : Math.round(sum / weightSum);
    }
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

type Share = (requested: number, capacity: number) => number;

/** CPU and memory are what nearly everybody scores by: for two, everything stays in registers. */
const weightedMean = (weights: readonly number[], share: Share): Strategy =>
  weights.length === 2 ? meanOfTwo([weights[0] ?? 0, weights[1] ?? 0], share) : meanOfMany(weights, share);

function meanOfTwo([weight, otherWeight]: readonly [number, number], share: Share): Strategy {
  return ({ slots, count, amounts, used, capacities }, scores) => {
    const [amount, otherAmount] = amounts as [number, number];
    const [taken, otherTaken] = used as [Float64Array, Float64Array];
    const [there, otherThere] = capacities as [Float64Array, Float64Array];
    for (let node = 0; node < count; node++) {
      const slot = slots[node] as number;
      const capacity = there[slot] as number;
      const otherCapacity = otherThere[slot] as number;
      const counted = capacity === 0 ? 0 : weight;
      const otherCounted = otherCapacity === 0 ? 0 : otherWeight;
      const sum =
        (counted === 0 ? 0 : share((taken[slot] as number) + amount, capacity) * counted) +
        (otherCounted === 0 ? 0 : share((otherTaken[slot] as number) + otherAmount, otherCapacity) * otherCounted);
      const weightSum = counted + otherCounted;
      scores[node] = weightSum === 0 ? 0 : Math.trunc(sum / weightSum);
    }
  };
}

function meanOfMany(weights: readonly number[], share: Share): Strategy {
  return ({ slots, count, amounts, used, capacities }, scores) => {
    for (let node = 0; node < count; node++) {
      const slot = slots[node] as number;
      let sum = 0;
      let weightSum = 0;
      for (let index = 0; index < amounts.length; index++) {
        const capacity = (capacities[index] as Float64Array)[slot] as number;
        if (capacity === 0) continue;
        const weight = weights[index] as number;
        const requested = ((used[index] as Float64Array)[slot] as number) + (amounts[index] as number);
        sum += share(requested, capacity) * weight;
        weightSum += weight;
      }
      scores[node] = weightSum === 0 ? 0 : Math.trunc(sum / weightSum);
    }
  };
}

/** The more equal the shares in use, the better. */
export const balanced: Strategy = (uses, scores) =>
  uses.amounts.length === 2 ? balancedTwo(uses, scores) : balancedMany(uses, scores);

const balancedTwo: Strategy = ({ slots, count, amounts, used, capacities }, scores) => {
  const [amount, otherAmount] = amounts as [number, number];
  const [taken, otherTaken] = used as [Float64Array, Float64Array];
  const [there, otherThere] = capacities as [Float64Array, Float64Array];
  for (let node = 0; node < count; node++) {
    const slot = slots[node] as number;
    const capacity = there[slot] as number;
    const otherCapacity = otherThere[slot] as number;
    const share = ((taken[slot] as number) + amount) / capacity;
    const otherShare = ((otherTaken[slot] as number) + otherAmount) / otherCapacity;
    // Written as upstream writes it for two: the last bit of a fraction decides some scores.
    const deviation = Math.abs(((share < 1 ? share : 1) - (otherShare < 1 ? otherShare : 1)) / 2);
    scores[node] = capacity === 0 || otherCapacity === 0 ? MAX_SCORE : Math.trunc((1 - deviation) * MAX_SCORE);
  }
};

const balancedMany: Strategy = ({ slots, count, amounts, used, capacities }, scores) => {
  const shares: number[] = [];
  for (let node = 0; node < count; node++) {
    const slot = slots[node] as number;
    shares.length = 0;
    for (let index = 0; index < amounts.length; index++) {
      const capacity = (capacities[index] as Float64Array)[slot] as number;
      const requested = ((used[index] as Float64Array)[slot] as number) + (amounts[index] as number);
      if (capacity !== 0) shares.push(Math.min(1, requested / capacity));
    }
    scores[node] = Math.trunc((1 - deviation(shares)) * MAX_SCORE);
  }
};

function deviation(shares: readonly number[]): number {
  if (shares.length === 2) return Math.abs(((shares[0] as number) - (shares[1] as number)) / 2);
  if (shares.length < 2) return 0;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) * (share - mean), 0) / shares.length);
}
