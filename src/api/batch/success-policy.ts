/** Validates which indexes of a job are enough for it to have succeeded. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required, tooLong, tooMany } from '../meta/field-error.ts';
import { byteLength } from '../meta/names.ts';
import type { SuccessPolicy, SuccessPolicyRule } from '../types/batch-v1.ts';
import { validateCounts } from '../workload/counts.ts';
import { countIndexes, IndexesError, parseIndexes } from './indexes.ts';

const MAX_RULES = 20;
const MAX_INDEXES_BYTES = 64 * 1024;

export function* validateSuccessPolicy(
  { rules }: SuccessPolicy,
  completions: number,
  field: string,
): Generator<FieldError> {
  const path = `${field}.rules`;
  if (rules.length === 0)
    yield required(path, 'at least one rules must be specified when the successPolicy is specified');
  if (rules.length > MAX_RULES) yield tooMany(path, rules.length, MAX_RULES);
  for (const [index, rule] of rules.entries()) yield* validateRule(rule, completions, `${path}[${index}]`);
}

function* validateRule(rule: SuccessPolicyRule, completions: number, field: string): Generator<FieldError> {
  const { succeededIndexes, succeededCount } = rule;
  if (succeededCount === undefined && succeededIndexes === undefined)
    yield required(field, 'at least one of succeededCount or succeededIndexes must be specified');
  let total = 0;
  if (succeededIndexes !== undefined)
    total = yield* validateIndexes(succeededIndexes, completions, `${field}.succeededIndexes`);
  if (succeededCount === undefined) return;
  const path = `${field}.succeededCount`;
  yield* validateCounts(rule, ['succeededCount'], field);
  const atMost = (limit: number, what: string): FieldError =>
    invalid(path, succeededCount, `must be less than or equal to ${limit} (the number of ${what})`);
  if (succeededCount > completions) yield atMost(completions, 'specified completions');
  if (succeededIndexes !== undefined && succeededCount > total)
    yield atMost(total, 'indexes in the specified succeededIndexes field');
}

/** How many there are; none if they cannot be read. */
function* validateIndexes(text: string, completions: number, field: string): Generator<FieldError, number> {
  if (byteLength(text) > MAX_INDEXES_BYTES) yield tooLong(field, MAX_INDEXES_BYTES);
  try {
    return countIndexes(parseIndexes(text, completions));
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    yield invalid(field, text, `error parsing succeededIndexes: ${error.message}`);
    return 0;
  }
}
