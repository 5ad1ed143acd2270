/** Pods that are placed together or not at all. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden } from '../meta/field-error.ts';
import { findCondition } from '../meta/conditions.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as scheduling from '../types/scheduling-v1alpha3.ts';
import { validateGroupParts, validateGroupPartsUpdate, validateUnchanged } from './group-parts.ts';

export type PodGroup = scheduling.PodGroup;

/** The condition that tells whether the group has found its places; once it has, that stays true. */
export const INITIALLY_SCHEDULED = 'PodGroupInitiallyScheduled';

export const PodGroup = defineResource<PodGroup>(
  { group: 'scheduling.k8s.io', version: 'v1alpha3', kind: 'PodGroup', plural: 'podgroups', namespaced: true },
  {
    hasStatus: true,
    updates: 'conditional',
    applyDefaults: (group) =>
      group.spec.disruptionMode === undefined
        ? { ...group, spec: { ...group.spec, disruptionMode: { single: {} } } }
        : group,
    prepareForCreate: prepare,
    prepareForUpdate: withoutClaims,
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateUpdate: (next, stored) => [...validateUpdate(next.spec, stored.spec)],
    validateStatusUpdate: ({ status }) => [...validateConditions(status?.conditions ?? [], 'status.conditions')],
    columns: [
      NAME_COLUMN,
      column('Policy', 'How the pods are placed: each for itself, or so many together.', policyText),
      column('Scheduled', 'Whether the group has found its places.', scheduledText),
      AGE_COLUMN,
    ],
  },
);

function policyText({ spec: { schedulingPolicy } }: PodGroup): string {
  return schedulingPolicy.gang === undefined ? 'Basic' : `Gang (${schedulingPolicy.gang.minCount})`;
}

function scheduledText({ status }: PodGroup): string {
  return findCondition(status?.conditions, INITIALLY_SCHEDULED)?.status ?? 'Unknown';
}

/** A client has no say in the status of a new group. */
function prepare(group: PodGroup): PodGroup {
  const { status: _status, ...rest } = withoutClaims(group);
  return rest;
}

/** Claims of groups are for a gate that is off: what it would write is dropped, as upstream does. */
function withoutClaims(next: PodGroup): PodGroup {
  if (next.spec.resourceClaims === undefined) return next;
  const { resourceClaims: _claims, ...spec } = next.spec;
  return { ...next, spec };
}

function* validate(spec: scheduling.PodGroupSpec): Generator<FieldError> {
  yield* validateGroupParts(spec, 'spec');
  if (spec.parentCompositePodGroupName !== undefined) yield forbidden('spec.parentCompositePodGroupName', '');
  if (spec.workloadRef === undefined) return;
  const { workloadName, templateName } = spec.workloadRef;
  yield* validateName(workloadName, checkDnsSubdomain, 'spec.workloadRef.workloadName');
  yield* validateName(templateName, checkDnsLabel, 'spec.workloadRef.templateName');
}

function* validateUpdate(next: scheduling.PodGroupSpec, stored: scheduling.PodGroupSpec): Generator<FieldError> {
  yield* validateGroupPartsUpdate(next, stored, 'spec');
  yield* validateUnchanged(next.workloadRef, stored.workloadRef, 'spec.workloadRef');
}
