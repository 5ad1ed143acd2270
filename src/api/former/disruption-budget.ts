/** Budgets before `policy/v1`: an empty selector selected nothing, where now it selects everything. */
import type { PodDisruptionBudget } from '../types/policy-v1.ts';
import type { LabelSelector } from '../types/meta-v1.ts';
import { translation } from './former-version.ts';

// Upstream's own words for what the other version cannot say.
const KEY = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';
const NOTHING: LabelSelector = { matchExpressions: [{ key: KEY, operator: 'Exists' }] };
const EVERYTHING: LabelSelector = { matchExpressions: [{ key: KEY, operator: 'DoesNotExist' }] };

export const FORMER_BUDGET = translation<PodDisruptionBudget, PodDisruptionBudget>({
  toStored: (budget) => withSelector(budget, { empty: NOTHING, said: EVERYTHING }),
  fromStored: (budget) => withSelector(budget, { empty: EVERYTHING, said: NOTHING }),
});

type Words = {
  /** What an empty selector of one version is in the other. */
  readonly empty: LabelSelector;
  /** What is an empty selector in the other version. */
  readonly said: LabelSelector;
};

function withSelector(budget: PodDisruptionBudget, { empty, said }: Words): PodDisruptionBudget {
  const { selector } = budget.spec ?? {};
  if (selector === undefined) return budget;
  if (isEmpty(selector)) return { ...budget, spec: { ...budget.spec, selector: empty } };
  return isSaid(selector, said) ? { ...budget, spec: { ...budget.spec, selector: {} } } : budget;
}

const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

function isSaid({ matchLabels = {}, matchExpressions = [] }: LabelSelector, said: LabelSelector): boolean {
  const [first, ...others] = matchExpressions;
  const [wanted] = said.matchExpressions ?? [];
  if (Object.keys(matchLabels).length > 0 || others.length > 0) return false;
  return first?.key === KEY && first.operator === wanted?.operator;
}
