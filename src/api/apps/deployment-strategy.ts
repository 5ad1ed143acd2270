/** How a deployment replaces pods of an old revision by pods of a new one: its defaults and rules. */
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { DeploymentStrategy, RollingUpdateDeployment } from '../types/apps-v1.ts';
import { shareNumber, validateAtMostAll, validateShare } from '../workload/share.ts';

const STEP = '25%';

export function defaultStrategy(strategy: DeploymentStrategy = {}): DeploymentStrategy {
  const type = strategy.type || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  const { maxUnavailable = STEP, maxSurge = STEP } = strategy.rollingUpdate ?? {};
  return { ...strategy, type, rollingUpdate: { ...strategy.rollingUpdate, maxUnavailable, maxSurge } };
}

export function* validateStrategy(strategy: DeploymentStrategy, field: string): Generator<FieldError> {
  const { type, rollingUpdate } = strategy;
  if (type === 'Recreate') {
    if (rollingUpdate !== undefined)
      yield forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'");
  } else if (type !== 'RollingUpdate') yield notSupported(field, strategy, ['Recreate', 'RollingUpdate']);
  else if (rollingUpdate === undefined)
    yield required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil');
  else yield* validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`);
}

function* validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment,
  field: string,
): Generator<FieldError> {
  yield* validateShare(maxUnavailable, `${field}.maxUnavailable`);
  yield* validateShare(maxSurge, `${field}.maxSurge`);
  if (shareNumber(maxUnavailable) === 0 && shareNumber(maxSurge) === 0)
    yield invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  yield* validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`);
}
