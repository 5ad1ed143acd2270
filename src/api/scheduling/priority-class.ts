/** A name for how important pods are. */
import { AGE_COLUMN, column, countColumn, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as scheduling from '../types/scheduling-v1.ts';
import { HIGHEST_OF_USERS, SYSTEM_PREFIX, unlikeSystemClass } from './system-classes.ts';

export type PriorityClass = scheduling.PriorityClass;

const PREEMPTION_POLICIES: readonly string[] = ['PreemptLowerPriority', 'Never'];

export const PriorityClass = defineResource<PriorityClass>(
  { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', namespaced: false },
  {
    shortNames: ['pc'],
    generations: 'always',
    applyDefaults: (priority) =>
      priority.preemptionPolicy === undefined ? { ...priority, preemptionPolicy: 'PreemptLowerPriority' } : priority,
    validateName: checkDnsSubdomain,
    validate: (priority) => [...validate(priority)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    columns: [
      NAME_COLUMN,
      countColumn('Value', 'How important the pods are; more is more.', ({ value = 0 }) => value),
      {
        ...column<PriorityClass>('Global-Default', 'Whether pods without a class are of this one.', isDefault),
        type: 'boolean',
      },
      AGE_COLUMN,
      column(
        'PreemptionPolicy',
        'Whether others make room for the pods.',
        ({ preemptionPolicy = '' }) => preemptionPolicy,
      ),
    ],
  },
);

function isDefault({ globalDefault = false }: PriorityClass): boolean {
  return globalDefault;
}

function* validate(priority: PriorityClass): Generator<FieldError> {
  const { metadata, value = 0, preemptionPolicy } = priority;
  if (metadata.name.startsWith(SYSTEM_PREFIX)) yield* validateSystemClass(priority);
  else if (value > HIGHEST_OF_USERS)
    yield forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`);
  if (preemptionPolicy === '') yield required('preemptionPolicy');
  else if (preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(preemptionPolicy))
    yield notSupported('preemptionPolicy', preemptionPolicy, PREEMPTION_POLICIES);
}

function* validateSystemClass(priority: PriorityClass): Generator<FieldError> {
  const why = unlikeSystemClass(priority);
  if (why === undefined) return;
  const rule = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only`;
  yield forbidden('metadata.name', `${rule}. error: ${why}`);
}

/** Pods that run have taken both over. */
function* validateUpdate(next: PriorityClass, stored: PriorityClass): Generator<FieldError> {
  if ((next.value ?? 0) !== (stored.value ?? 0)) yield forbidden('value', 'may not be changed in an update.');
  if (next.preemptionPolicy !== stored.preemptionPolicy)
    yield invalid('preemptionPolicy', next.preemptionPolicy, 'field is immutable');
}
