/** Rights in the whole cluster, or in whichever namespace they are granted; some gather the rules of others by their labels. */
import type { FieldError } from '../meta/field-error.ts';
import { required } from '../meta/field-error.ts';
import { checkPathSegment } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as rbac from '../types/rbac-v1.ts';
import { validateLabelSelector } from '../meta/validate-labels.ts';
import { RBAC_GROUP } from './binding.ts';
import { validateRules } from './policy-rule.ts';
import { ROLE_COLUMNS } from './role-columns.ts';

export type ClusterRole = rbac.ClusterRole;

export const ClusterRole = defineResource<ClusterRole>(
  { group: RBAC_GROUP, version: 'v1', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
  {
    createdByUpdates: true,
    validateName: checkPathSegment,
    validate: ({ rules, aggregationRule }) => [
      ...validateRules(rules, 'cluster'),
      ...validateAggregation(aggregationRule),
    ],
    columns: ROLE_COLUMNS,
  },
);

function* validateAggregation(rule: rbac.AggregationRule | undefined): Generator<FieldError> {
  if (rule === undefined) return;
  const { clusterRoleSelectors = [] } = rule;
  const field = 'aggregationRule.clusterRoleSelectors';
  if (clusterRoleSelectors.length === 0) {
    yield required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil');
  }
  for (const [index, selector] of clusterRoleSelectors.entries()) {
    yield* validateLabelSelector(selector, `${field}[${index}]`);
  }
}
