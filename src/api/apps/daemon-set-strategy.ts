/** How a daemon set replaces the pods of its nodes: its defaults and rules. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import type { DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from '../types/apps-v1.ts';
import { shareNumber, validateAtMostAll, validateShare } from '../workload/share.ts';

export function defaultUpdateStrategy(strategy: DaemonSetUpdateStrategy = {}): DaemonSetUpdateStrategy {
  const type = strategy.type || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  const { maxUnavailable = 1, maxSurge = 0 } = strategy.rollingUpdate ?? {};
  return { ...strategy, type, rollingUpdate: { maxUnavailable, maxSurge } };
}

export function* validateUpdateStrategy(strategy: DaemonSetUpdateStrategy, field: string): Generator<FieldError> {
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') yield notSupported(field, strategy, ['RollingUpdate', 'OnDelete']);
  else if (rollingUpdate === undefined) yield required(`${field}.rollingUpdate`);
  else yield* validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`);
}

/** A node has one pod more or one pod less while its pod is replaced, never both. */
function* validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet,
  field: string,
): Generator<FieldError> {
  yield* validateShare(maxUnavailable, `${field}.maxUnavailable`);
  yield* validateShare(maxSurge, `${field}.maxSurge`);
  yield* validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`);
  yield* validateAtMostAll(maxSurge, `${field}.maxSurge`);
  const [goes, comes] = [shareNumber(maxUnavailable) !== 0, shareNumber(maxSurge) !== 0];
  if (goes && comes) yield invalid(`${field}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero');
  if (!goes && !comes) yield required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0');
}
