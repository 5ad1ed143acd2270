/** Whether a pod puts up with a node's taint, as upstream decides it (core/v1 `Toleration.ToleratesTaint`). */
import type { Taint, Toleration } from '../types/core-v1.ts';

export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  return isAnyOr(toleration.effect, taint.effect) && isAnyOr(toleration.key, taint.key) && fitsValue(toleration, taint);
}

const isAnyOr = (wanted: string | undefined, actual: string): boolean => !wanted || wanted === actual;

function fitsValue({ operator = 'Equal', value = '' }: Toleration, taint: Taint): boolean {
  return operator === 'Exists' || (operator === 'Equal' && value === (taint.value ?? ''));
}

/** The first taint with one of `effects` that no toleration covers. */
export function findUntoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find(
    (taint) => effects.includes(taint.effect) && !tolerations?.some((each) => toleratesTaint(each, taint)),
  );
}
