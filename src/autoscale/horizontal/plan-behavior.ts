/** Holds a wished-for size back: by what was recommended lately, by how fast the size may change, by its bounds. */
import type { HPAScalingRules } from '#api/types/autoscaling-v2';

export type Recommendation = { readonly atMs: number; readonly replicas: number };

/** A change that was made, in replicas, always positive. */
export type Step = { readonly atMs: number; readonly change: number };

/** What the autoscaler remembers of one target between two looks at it. */
export type Memory = {
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly Step[];
  readonly downs: readonly Step[];
};

/** What is known of a target that is looked at for the first time: its size, as if it had been recommended now. */
export function firstMemory(replicas: number, nowMs: number): Memory {
  return { recommendations: [{ atMs: nowMs, replicas }], ups: [], downs: [] };
}

export type Rules = { readonly scaleUp: HPAScalingRules; readonly scaleDown: HPAScalingRules };

/** What applies where a behavior leaves something out (autoscaling/v2 defaults; KEP-853). */
export const DEFAULT_RULES: Rules = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
};

export type Explained = { readonly replicas: number; readonly reason: string; readonly message: string };

type Situation = { readonly current: number; readonly rules: Rules; readonly memory: Memory; readonly nowMs: number };

/** The wish as the recommendations of the stabilization windows allow it. */
export function planStabilized(desired: number, { current, rules, memory, nowMs }: Situation): Explained {
  const within = ({ stabilizationWindowSeconds = 0 }: HPAScalingRules): readonly number[] =>
    memory.recommendations
      .filter(({ atMs }) => atMs > nowMs - stabilizationWindowSeconds * 1000)
      .map(({ replicas }) => replicas);
  const lowest = Math.min(desired, ...within(rules.scaleUp));
  const highest = Math.max(desired, ...within(rules.scaleDown));
  const replicas = Math.min(Math.max(current, lowest), highest);
  if (replicas === desired) {
    return { replicas, reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
  }
  const [reason, message] =
    desired >= current
      ? [
          'ScaleUpStabilized',
          'recent recommendations were lower than current one, applying the lowest recent recommendation',
        ]
      : [
          'ScaleDownStabilized',
          'recent recommendations were higher than current one, applying the highest recent recommendation',
        ];
  return { replicas, reason, message };
}

export type Bounds = { readonly min: number; readonly max: number };

/** The wish as the scaling policies and the bounds allow it; the reason is `DesiredWithinRange` when they do not hold it back. */
export function planLimited(desired: number, bounds: Bounds, situation: Situation): Explained {
  const { current } = situation;
  if (desired > current) {
    const fastest = Math.max(current, fastestUp(situation));
    if (desired > Math.min(fastest, bounds.max)) return fastest < bounds.max ? tooFastUp(fastest) : tooMany(bounds.max);
  }
  if (desired < current) {
    const fastest = Math.min(current, fastestDown(situation));
    if (desired < Math.max(fastest, bounds.min))
      return fastest > bounds.min ? tooFastDown(fastest) : tooFew(bounds.min);
  }
  return {
    replicas: desired,
    reason: 'DesiredWithinRange',
    message: 'the desired count is within the acceptable range',
  };
}

const tooFastUp = (replicas: number): Explained => ({
  replicas,
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
});
const tooMany = (replicas: number): Explained => ({
  replicas,
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
});
const tooFastDown = (replicas: number): Explained => ({
  replicas,
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
});
const tooFew = (replicas: number): Explained => ({
  replicas,
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
});

function fastestUp({ current, rules: { scaleUp }, memory, nowMs }: Situation): number {
  if (scaleUp.selectPolicy === 'Disabled') return current;
  const limits = (scaleUp.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = current - sumSince(memory.ups, periodSeconds, nowMs) + sumSince(memory.downs, periodSeconds, nowMs);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return scaleUp.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function fastestDown({ current, rules: { scaleDown }, memory, nowMs }: Situation): number {
  if (scaleDown.selectPolicy === 'Disabled') return current;
  const limits = (scaleDown.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = current - sumSince(memory.ups, periodSeconds, nowMs) + sumSince(memory.downs, periodSeconds, nowMs);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return scaleDown.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

function sumSince(steps: readonly Step[], periodSeconds: number, nowMs: number): number {
  return steps.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000).reduce((sum, { change }) => sum + change, 0);
}

/** What is worth remembering after a look: the recommendation, the step if one was made, and nothing older than any window. */
export function remember(
  memory: Memory,
  { desired, from, to, nowMs }: { desired: number; from: number; to: number; nowMs: number },
): Memory {
  const recent = <T extends { readonly atMs: number }>(all: readonly T[]): readonly T[] =>
    all.filter(({ atMs }) => atMs > nowMs - LONGEST_WINDOW_MS);
  return {
    recommendations: [...recent(memory.recommendations), { atMs: nowMs, replicas: desired }],
    ups: to > from ? [...recent(memory.ups), { atMs: nowMs, change: to - from }] : recent(memory.ups),
    downs: to < from ? [...recent(memory.downs), { atMs: nowMs, change: from - to }] : recent(memory.downs),
  };
}

// The longest stabilization window and policy period that validation allows.
const LONGEST_WINDOW_MS = 3_600_000;
