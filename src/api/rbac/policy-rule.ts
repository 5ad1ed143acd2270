/** Checks the rules of a role. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import type * as rbac from '../types/rbac-v1.ts';

export type RuleScope = 'namespaced' | 'cluster';

export function* validateRules(rules: readonly rbac.PolicyRule[] | undefined, scope: RuleScope): Generator<FieldError> {
  for (const [index, rule] of (rules ?? []).entries()) yield* validateRule(rule, scope, `rules[${index}]`);
}

function* validateRule(rule: rbac.PolicyRule, scope: RuleScope, field: string): Generator<FieldError> {
  if (isEmpty(rule.verbs)) yield required(`${field}.verbs`, 'verbs must contain at least one value');
  if (isEmpty(rule.nonResourceURLs)) yield* validateResources(rule, field);
  else yield* validatePaths(rule, scope, `${field}.nonResourceURLs`);
}

function* validatePaths(rule: rbac.PolicyRule, scope: RuleScope, field: string): Generator<FieldError> {
  const { nonResourceURLs, apiGroups, resources, resourceNames } = rule;
  if (scope === 'namespaced') {
    yield invalid(field, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs');
  }
  if (!isEmpty(apiGroups) || !isEmpty(resources) || !isEmpty(resourceNames)) {
    yield invalid(field, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs');
  }
}

function* validateResources({ apiGroups, resources }: rbac.PolicyRule, field: string): Generator<FieldError> {
  if (isEmpty(apiGroups)) yield required(`${field}.apiGroups`, 'resource rules must supply at least one api group');
  if (isEmpty(resources)) yield required(`${field}.resources`, 'resource rules must supply at least one resource');
}

const isEmpty = (list: readonly string[] | undefined): boolean => list === undefined || list.length === 0;
