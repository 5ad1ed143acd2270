/** A pod disruption budget: how many of the pods it selects may be driven off at a time. */
import { AGE_COLUMN, NAME_COLUMN, column, countColumn } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported } from '../meta/field-error.ts';
import type { IntOrString } from '../meta/intorstring.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { validateLabelSelector } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as policy from '../types/policy-v1.ts';
import { validateCounts } from '../workload/counts.ts';
import { validateAtMostAll, validateShare } from '../workload/share.ts';

export type PodDisruptionBudget = policy.PodDisruptionBudget;

export const PodDisruptionBudget = defineResource<PodDisruptionBudget>(
  {
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    namespaced: true,
  },
  {
    shortNames: ['pdb'],
    hasStatus: true,
    updates: 'conditional',
    prepareForCreate: (budget) => ({ ...budget, status: NEW_STATUS }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateStatusUpdate: ({ status = {} }) => [
      ...validateConditions(status.conditions ?? [], 'status.conditions'),
      ...validateCounts(status, COUNTS, 'status'),
    ],
    columns: [
      NAME_COLUMN,
      column('Min Available', 'How many pods must stay.', ({ spec }) => shareText(spec.minAvailable)),
      column('Max Unavailable', 'How many pods may be gone.', ({ spec }) => shareText(spec.maxUnavailable)),
      countColumn('Allowed Disruptions', 'How many pods may go now.', ({ status }) => status?.disruptionsAllowed ?? 0),
      AGE_COLUMN,
    ],
  },
);

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
const NEW_STATUS: policy.PodDisruptionBudgetStatus = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};

const shareText = (share: IntOrString | undefined): string => (share === undefined ? 'N/A' : String(share));

const UNHEALTHY_POLICIES: readonly string[] = ['AlwaysAllow', 'IfHealthyBudget'];

function* validate(spec: policy.PodDisruptionBudgetSpec): Generator<FieldError> {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: unhealthy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    yield invalid('spec', shownSpec(spec), 'minAvailable and maxUnavailable cannot be both set');
  if (minAvailable !== undefined) yield* validateBound(minAvailable, 'spec.minAvailable');
  if (maxUnavailable !== undefined) yield* validateBound(maxUnavailable, 'spec.maxUnavailable');
  yield* validateLabelSelector(selector, 'spec.selector');
  if (unhealthy !== undefined && !UNHEALTHY_POLICIES.includes(unhealthy))
    yield notSupported('spec.unhealthyPodEvictionPolicy', unhealthy, UNHEALTHY_POLICIES);
}

function* validateBound(share: IntOrString, field: string): Generator<FieldError> {
  yield* validateShare(share, field);
  yield* validateAtMostAll(share, field);
}

/** As upstream's message shows it: the fields of a struct that has no JSON names. */
function shownSpec(spec: policy.PodDisruptionBudgetSpec): unknown {
  return {
    MinAvailable: spec.minAvailable ?? null,
    Selector: spec.selector ?? null,
    MaxUnavailable: spec.maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
  };
}
