/** Validates taints of nodes and tolerations of pods. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkLabelValue, checkQualifiedName } from '../../meta/names.ts';
import { unlessSoundBefore } from '../../meta/sound-before.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { Taint, Toleration } from '../../types/core-v1.ts';

const EFFECTS: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const validateTolerations = unlessSoundBefore(function* (
  tolerations: readonly Toleration[],
  field: string,
): Generator<FieldError> {
  for (const [index, toleration] of tolerations.entries()) {
    const path = `${field}[${index}]`;
    const { key = '', operator = '', effect = '', tolerationSeconds } = toleration;
    if (key !== '') yield* validateName(key, checkQualifiedName, `${path}.key`);
    else if (operator !== 'Exists')
      yield invalid(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      );
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      yield invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    yield* validateOperator(toleration, `${path}.operator`);
    if (effect !== '') yield* validateEffect(effect, `${path}.effect`);
  }
});

function* validateOperator({ operator = '', value = '' }: Toleration, field: string): Generator<FieldError> {
  if (operator === 'Exists') {
    if (value !== '') yield invalid(field, value, "value must be empty when `operator` is 'Exists'");
  } else if (operator !== '' && operator !== 'Equal') yield notSupported(field, operator, ['Equal', 'Exists']);
  else yield* validateValue(value, field);
}

function* validateValue(value: string, field: string): Generator<FieldError> {
  const problems = checkLabelValue(value);
  if (problems.length > 0) yield invalid(field, value, problems.join(';'));
}

function* validateEffect(effect: string, field: string): Generator<FieldError> {
  if (effect === '') yield required(field);
  else if (!EFFECTS.includes(effect)) yield notSupported(field, effect, EFFECTS);
}

export function* validateTaints(taints: readonly Taint[], field: string): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const path = `${field}[${index}]`;
    yield* validateName(taint.key, checkQualifiedName, `${path}.key`);
    yield* validateValue(taint.value ?? '', `${path}.value`);
    yield* validateEffect(taint.effect, `${path}.effect`);
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity))
      yield {
        type: 'FieldValueDuplicate',
        field: path,
        message: `Duplicate value: ${JSON.stringify(taint)}: taints must be unique by key and effect pair`,
      };
    seen.add(identity);
  }
}
