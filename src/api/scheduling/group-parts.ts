/** What pod groups and the templates for them have in common: how their pods are placed, disrupted and ranked. */
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { equalJson } from '../meta/json-value.ts';
import { validateName } from '../meta/validate-labels.ts';
import type { PodGroupSchedulingPolicy, PodGroupTemplate } from '../types/scheduling-v1alpha3.ts';
import { HIGHEST_OF_USERS } from './system-classes.ts';

/** The fields that a group takes over from its template. */
export type GroupParts = Omit<PodGroupTemplate, 'name'>;

const PREEMPTION_POLICIES: readonly string[] = ['Never', 'PreemptLowerPriority'];

export function* validateGroupParts(parts: GroupParts, path: string): Generator<FieldError> {
  yield* validatePolicy(parts.schedulingPolicy, `${path}.schedulingPolicy`);
  // Both are for gates that are off.
  if (parts.schedulingConstraints !== undefined) yield forbidden(`${path}.schedulingConstraints`, '');
  if (parts.disruptionMode !== undefined) yield* validateOneOf(parts.disruptionMode, MODES, `${path}.disruptionMode`);
  const { priorityClassName = '', priority, preemptionPolicy } = parts;
  if (priorityClassName !== '') yield* validateName(priorityClassName, checkDnsSubdomain, `${path}.priorityClassName`);
  if (priority !== undefined && priority > HIGHEST_OF_USERS && priorityClassName === '')
    yield invalid(`${path}.priority`, priority, `must be less than or equal to ${HIGHEST_OF_USERS}`);
  if (preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(preemptionPolicy))
    yield notSupported(`${path}.preemptionPolicy`, preemptionPolicy, PREEMPTION_POLICIES);
}

const MODES = ['single', 'all'];

function* validatePolicy(policy: PodGroupSchedulingPolicy, path: string): Generator<FieldError> {
  yield* validateOneOf(policy, ['basic', 'gang'], path);
  const minCount = policy.gang?.minCount;
  if (policy.gang === undefined) return;
  if (!minCount) yield required(`${path}.gang.minCount`);
  else if (minCount < 1) yield invalid(`${path}.gang.minCount`, minCount, 'must be greater than or equal to 1');
}

/** Of several members just one is set. */
export function* validateOneOf(union: object, members: readonly string[], path: string): Generator<FieldError> {
  const set = members.filter((member) => (union as Readonly<Record<string, unknown>>)[member] !== undefined);
  const names = members.map((member) => `\`${member}\``).join(', ');
  if (set.length === 0) yield invalid(path, '', `must specify one of: ${names}`);
  if (set.length > 1) yield invalid(path, `{${set.join(', ')}}`, `must specify exactly one of: ${names}`);
}

const FIXED = ['disruptionMode', 'priorityClassName', 'priority', 'preemptionPolicy'] as const;

/** Only the size of a gang may change. */
export function* validateGroupPartsUpdate(next: GroupParts, stored: GroupParts, path: string): Generator<FieldError> {
  for (const field of FIXED) yield* validateUnchanged(next[field], stored[field], `${path}.${field}`);
  const [policy, former] = [next.schedulingPolicy, stored.schedulingPolicy];
  const field = `${path}.schedulingPolicy`;
  yield* validateUnchanged(policy.basic, former.basic, `${field}.basic`);
  if (policy.gang !== undefined && former.gang === undefined)
    yield invalid(`${field}.gang`, null, 'field cannot be set once created');
  if (policy.gang === undefined && former.gang !== undefined)
    yield invalid(`${field}.gang`, null, 'field cannot be cleared once set');
}

export function* validateUnchanged(next: unknown, stored: unknown, path: string): Generator<FieldError> {
  if (!equalJson(next, stored)) yield invalid(path, null, 'field is immutable');
}
