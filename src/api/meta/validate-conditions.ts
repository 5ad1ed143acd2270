/** Validates conditions of the common form, as upstream does (apimachinery `meta/v1/validation`). */
import type { Condition } from '../types/meta-v1.ts';
import type { FieldError } from './field-error.ts';
import { duplicate, invalid, notSupported, required, tooLong } from './field-error.ts';
import { byteLength, checkQualifiedName } from './names.ts';
import { validateName } from './validate-labels.ts';

export function* validateConditions(conditions: readonly Condition[], field: string): Generator<FieldError> {
  const types = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    const path = `${field}[${index}]`;
    if (types.has(condition.type)) yield duplicate(path, condition.type);
    types.add(condition.type);
    yield* validateCondition(condition, path);
  }
}

const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_RULE =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const REASON_MAX_BYTES = 1024;
const MESSAGE_MAX_BYTES = 32 * 1024;

function* validateCondition(condition: Condition, field: string): Generator<FieldError> {
  const { type, status, observedGeneration = 0, lastTransitionTime, message } = condition;
  if (!type) yield required(`${field}.type`, 'is required');
  else yield* validateName(type, checkQualifiedName, `${field}.type`);
  if (!status) yield required(`${field}.status`);
  else if (!STATUSES.includes(status)) yield notSupported(`${field}.status`, status, STATUSES);
  if (observedGeneration < 0)
    yield invalid(`${field}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero');
  if (!lastTransitionTime) yield required(`${field}.lastTransitionTime`);
  yield* validateReason(condition.reason, `${field}.reason`);
  if (byteLength(message) > MESSAGE_MAX_BYTES) yield tooLong(`${field}.message`, MESSAGE_MAX_BYTES);
}

function* validateReason(reason: string, field: string): Generator<FieldError> {
  if (!reason) {
    yield required(field);
    return;
  }
  if (!REASON.test(reason)) yield invalid(field, reason, REASON_RULE);
  if (byteLength(reason) > REASON_MAX_BYTES) yield tooLong(field, REASON_MAX_BYTES);
}
