/** Validates labels, annotations and label selectors. */
import type { LabelSelector, LabelSelectorRequirement } from '../types/meta-v1.ts';
import type { FieldError } from './field-error.ts';
import { forbidden, invalid, NO_ERRORS, required, tooLong } from './field-error.ts';
import type { NameCheck } from './names.ts';
import { unlessSoundBefore } from './sound-before.ts';
import { byteLength, checkLabelValue, checkQualifiedName } from './names.ts';

/** All annotations of an object together, keys included. */
const ANNOTATIONS_MAX_BYTES = 256 * 1024;

/** One error for each thing wrong with a name. */
export function validateName(name: string, check: NameCheck, field: string): readonly FieldError[] {
  const problems = check(name);
  return problems.length === 0 ? NO_ERRORS : problems.map((problem) => invalid(field, name, problem));
}

type Texts = Readonly<Record<string, string>>;

export const validateLabels = unlessSoundBefore(function* (labels: Texts, field: string): Generator<FieldError> {
  for (const [key, value] of Object.entries(labels)) {
    yield* validateName(key, checkQualifiedName, field);
    yield* validateName(value, checkLabelValue, field);
  }
});

export const validateAnnotations = unlessSoundBefore(function* (
  annotations: Texts,
  field: string,
): Generator<FieldError> {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const problem of checkQualifiedName(key.toLowerCase())) yield invalid(field, key, problem);
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > ANNOTATIONS_MAX_BYTES) yield tooLong(field, ANNOTATIONS_MAX_BYTES);
});

export function* validateLabelSelector(selector: LabelSelector | undefined, field: string): Generator<FieldError> {
  yield* validateLabels(selector?.matchLabels, `${field}.matchLabels`);
  for (const [index, requirement] of (selector?.matchExpressions ?? []).entries())
    yield* validateRequirement(requirement, `${field}.matchExpressions[${index}]`);
}

function* validateRequirement(requirement: LabelSelectorRequirement, field: string): Generator<FieldError> {
  const { key, operator, values = [] } = requirement;
  yield* validateOperator(operator, values.length, field);
  yield* validateName(key, checkQualifiedName, `${field}.key`);
  for (const [index, value] of values.entries())
    yield* validateName(value, checkLabelValue, `${field}.values[${index}]`);
}

function* validateOperator(operator: string, count: number, field: string): Generator<FieldError> {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) yield required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0)
        yield forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      break;
    default:
      yield invalid(`${field}.operator`, operator, 'not a valid selector operator');
  }
}
