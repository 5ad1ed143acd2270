/** Validates what a job does about pods that fail in a particular way. */
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, invalid, invalidAsWhole, notSupported, required, tooMany } from '../meta/field-error.ts';
import { checkQualifiedName } from '../meta/names.ts';
import { repeatsIn } from '../meta/repeats.ts';
import { validateName } from '../meta/validate-labels.ts';
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../types/batch-v1.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_CONDITIONS = 20;
const ACTIONS: readonly string[] = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS: readonly string[] = ['In', 'NotIn'];
const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];

export function* validateFailurePolicy(
  { rules }: PodFailurePolicy,
  spec: JobSpec,
  field: string,
): Generator<FieldError> {
  if (rules.length > MAX_RULES) yield tooMany(`${field}.rules`, rules.length, MAX_RULES);
  for (const [index, rule] of rules.entries()) yield* validateRule(rule, spec, `${field}.rules[${index}]`);
}

function* validateRule(rule: PodFailurePolicyRule, spec: JobSpec, field: string): Generator<FieldError> {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  yield* validateChoice(action, ACTIONS, `${field}.action`);
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    yield invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set');
  if (onExitCodes !== undefined) yield* validateExitCodes(onExitCodes, spec, `${field}.onExitCodes`);
  yield* validateConditions(onPodConditions, `${field}.onPodConditions`);
  if (onExitCodes !== undefined && onPodConditions.length > 0)
    yield invalidAsWhole(field, 'specifying both OnExitCodes and OnPodConditions is not supported');
  if (onExitCodes === undefined && onPodConditions.length === 0)
    yield invalidAsWhole(field, 'specifying one of OnExitCodes and OnPodConditions is required');
}

function* validateChoice(value: string, choices: readonly string[], field: string): Generator<FieldError> {
  if (!value) yield required(field, `valid values: [${choices.map((choice) => JSON.stringify(choice)).join(' ')}]`);
  else if (!choices.includes(value)) yield notSupported(field, value, choices);
}

function* validateExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  { template }: JobSpec,
  field: string,
): Generator<FieldError> {
  yield* validateChoice(operator, OPERATORS, `${field}.operator`);
  const names = [...template.spec.containers, ...(template.spec.initContainers ?? [])].map(({ name }) => name);
  if (containerName !== undefined && !names.includes(containerName)) {
    const problem = 'must be one of the container or initContainer names in the pod template';
    yield invalid(`${field}.containerName`, containerName, problem);
  }
  yield* validateCodes(values, operator, `${field}.values`);
}

function* validateCodes(values: readonly number[], operator: string, field: string): Generator<FieldError> {
  if (values.length === 0) yield invalid(field, values, 'at least one value is required');
  if (values.length > MAX_EXIT_CODES) yield tooMany(field, values.length, MAX_EXIT_CODES);
  const repeats = repeatsIn(values);
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0)
      yield invalid(`${field}[${index}]`, value, 'must not be 0 for the In operator');
    if (repeats.has(index)) yield duplicate(`${field}[${index}]`, value);
  }
  if (values.some((value, index) => value < (values[index - 1] ?? value)))
    yield invalid(field, values, 'must be ordered');
}

function* validateConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  field: string,
): Generator<FieldError> {
  if (patterns.length > MAX_CONDITIONS) yield tooMany(field, patterns.length, MAX_CONDITIONS);
  for (const [index, { type, status = '' }] of patterns.entries()) {
    yield* validateName(type, checkQualifiedName, `${field}[${index}].type`);
    yield* validateChoice(status, STATUSES, `${field}[${index}].status`);
  }
}
