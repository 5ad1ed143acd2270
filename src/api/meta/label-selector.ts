/** Label selectors: what they require of labels, and whether labels meet it. */
import type * as metaV1 from '../types/meta-v1.ts';

export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export type Requirement = {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
};

/** All requirements must hold; none selects everything. `nothing` selects no object at all, whatever its labels. */
export type Selector = {
  readonly requirements: readonly Requirement[];
  readonly nothing?: true;
};

export type Labels = Readonly<Record<string, string>> | undefined;

export const NOTHING: Selector = { requirements: [], nothing: true };

/** A selector that cannot be read, with upstream's message. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

export function matchesLabels(selector: Selector, labels: Labels): boolean {
  return selector.nothing !== true && selector.requirements.every((requirement) => meets(requirement, labels));
}

/** Every pair of `wanted` is among the labels: the selector of a Service or a node selector. An empty one selects everything. */
export function hasLabels(labels: Labels, wanted: Readonly<Record<string, string>>): boolean {
  if (labels === wanted) return true; // what was made of a template shares its labels
  for (const key in wanted) if (lookUp(labels, key) !== wanted[key]) return false;
  return true;
}

function meets(requirement: Requirement, labels: Labels): boolean {
  const value = lookUp(labels, requirement.key);
  return value === undefined ? meetsAbsent(requirement.operator) : meetsValue(requirement, value);
}

function meetsAbsent(operator: Operator): boolean {
  return operator === '!' || operator === '!=' || operator === 'notin';
}

function meetsValue({ operator, values }: Requirement, value: string): boolean {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return values.includes(value);
    case '!=':
    case 'notin':
      return !values.includes(value);
    case 'exists':
      return true;
    case '!':
      return false;
    case 'gt':
    case 'lt':
      return meetsOrder(operator, value, values);
  }
}

function meetsOrder(operator: 'gt' | 'lt', value: string, values: readonly string[]): boolean {
  const [bound] = values;
  if (bound === undefined || values.length !== 1 || !isInteger(value) || !isInteger(bound)) return false;
  return operator === 'gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

/** What Go reads as a 64-bit integer. */
export function isInteger(text: string): boolean {
  return (
    /^[+-]?[0-9]{1,30}$/.test(text) &&
    BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''))
  );
}

/** Labels come from users: a label may be called `constructor`. */
function lookUp(labels: Labels, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** The text upstream prints: `app=web,tier in (a,b),!legacy`. */
export function formatSelector(selector: Selector): string {
  return selector.requirements.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const listed = values.toSorted().join(',');
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${listed})`;
    case 'gt':
      return `${key}>${listed}`;
    case 'lt':
      return `${key}<${listed}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${listed}`;
  }
}

const OPERATORS: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/** The selector of a workload's `spec.selector`. An absent one selects nothing, an empty one everything, as upstream has it. */
export function selectorFrom(selector: metaV1.LabelSelector | undefined): Selector {
  if (selector === undefined) return NOTHING;
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: '=',
    values: [value],
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }): Requirement => {
    if (!Object.hasOwn(OPERATORS, operator)) {
      throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    }
    return { key, operator: OPERATORS[operator]!, values: values ?? [] };
  });
  return { requirements: sortedByKey([...labels, ...expressions]) };
}

export function sortedByKey(requirements: readonly Requirement[]): readonly Requirement[] {
  return requirements.toSorted((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
}
