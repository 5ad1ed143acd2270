/** What has to change about a default role or binding that is there already: what is missing is added, what others added stays. Pure. */
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject } from '#api/object';
import type * as rbac from '#api/types/rbac-v1';
import { missingRights } from '../covers.ts';
import { AUTO_UPDATE, type Policy } from './policy.ts';

type Found = ApiObject & {
  readonly rules?: readonly rbac.PolicyRule[];
  readonly subjects?: readonly rbac.Subject[];
  readonly roleRef?: rbac.RoleRef;
  readonly aggregationRule?: rbac.AggregationRule;
};

export type Reconciliation =
  | { readonly action: 'keep' }
  | { readonly action: 'update'; readonly object: ApiObject }
  /** Which role a binding grants cannot be changed. */
  | { readonly action: 'recreate' };

export function planReconcile(found: Found, wanted: Policy): Reconciliation {
  if (found.metadata.annotations?.[AUTO_UPDATE] === 'false') return { action: 'keep' };
  if (wanted.roleRef !== undefined && !semanticEqual(found.roleRef, wanted.roleRef)) return { action: 'recreate' };
  const object: Found = { ...found, ...contentOf(found, wanted), metadata: metadataOf(found, wanted) };
  return semanticEqual(object, found) ? { action: 'keep' } : { action: 'update', object };
}

/** The rules of a role that gathers others are not ours to write. */
function contentOf(found: Found, wanted: Policy): Partial<Found> {
  const rules = wanted.rules === undefined ? {} : { rules: withRules(found.rules ?? [], wanted.rules) };
  const subjects =
    wanted.subjects === undefined ? {} : { subjects: withSubjects(found.subjects ?? [], wanted.subjects) };
  if (wanted.aggregationRule === undefined) return { ...rules, ...subjects };
  const selectors = found.aggregationRule?.clusterRoleSelectors ?? [];
  const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter(
    (selector) => !selectors.some((each) => semanticEqual(each, selector)),
  );
  return { aggregationRule: { clusterRoleSelectors: [...selectors, ...missing] } };
}

function withRules(found: readonly rbac.PolicyRule[], wanted: readonly rbac.PolicyRule[]): readonly rbac.PolicyRule[] {
  return missingRights(found, wanted).length === 0 ? found : [...found, ...missingRights(found, wanted)];
}

function withSubjects(found: readonly rbac.Subject[], wanted: readonly rbac.Subject[]): readonly rbac.Subject[] {
  return [...found, ...wanted.filter((subject) => !found.some((each) => semanticEqual(each, subject)))];
}

function metadataOf({ metadata }: Found, wanted: Policy): ApiObject['metadata'] {
  return {
    ...metadata,
    labels: { ...wanted.metadata.labels, ...metadata.labels },
    annotations: { ...wanted.metadata.annotations, ...metadata.annotations },
  };
}
