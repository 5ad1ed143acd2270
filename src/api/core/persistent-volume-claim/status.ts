/** Validates what is reported of a claim. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkQualifiedName } from '../../meta/names.ts';
import { wholeUnits } from '../../meta/quantity.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { PersistentVolumeClaim } from '../../types/core-v1.ts';
import { readQuantity } from '../pod/resources.ts';
import { isNativeResource } from '../resource-names.ts';

const RESIZE_STATES: readonly string[] = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].toSorted();

export function* validateClaimStatus({ spec, status = {} }: PersistentVolumeClaim): Generator<FieldError> {
  if ((spec.accessModes ?? []).length === 0) yield required('Spec.accessModes');
  const { capacity = {}, allocatedResources = {}, allocatedResourceStatuses = {} } = status;
  yield* validateAmounts(capacity, 'status.capacity');
  yield* validateResizes(allocatedResourceStatuses);
  for (const name of Object.keys(allocatedResources)) yield* validateResourceName(name, 'status.allocatedResources');
  yield* validateAmounts(allocatedResources, 'status.allocatedResources');
}

function* validateResizes(states: Readonly<Record<string, string>>): Generator<FieldError> {
  const field = 'status.allocatedResourceStatus';
  for (const [name, state] of Object.entries(states)) {
    yield* validateResourceName(name, field);
    if (!RESIZE_STATES.includes(state)) yield notSupported(field, name, RESIZE_STATES);
  }
}

function* validateAmounts(amounts: Readonly<Record<string, string>>, field: string): Generator<FieldError> {
  for (const [name, text] of Object.entries(amounts)) {
    const quantity = yield* readQuantity(text, `${field}[${name}]`);
    if (quantity !== undefined && quantity.nanos < 0n)
      yield invalid(`${field}[${name}]`, wholeUnits(quantity), 'must be a valid resource quantity');
  }
}

/** Of Kubernetes' own resources a claim has only storage. */
function* validateResourceName(name: string, field: string): Generator<FieldError> {
  const problems = validateName(name, checkQualifiedName, field);
  yield* problems;
  if (problems.length === 0 && isNativeResource(name) && name !== 'storage')
    yield notSupported(field, name, ['storage']);
}
