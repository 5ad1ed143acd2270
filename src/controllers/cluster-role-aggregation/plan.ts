/** The rules of a cluster role that gathers those of others. Pure. */
import { matchesLabels, selectorFrom } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ClusterRole } from '#api/rbac/cluster-role';
import type { PolicyRule } from '#api/types/rbac-v1';

/** The role with the rules of all that its selectors find, each once, in the order of names; the same role when it has them. */
export function planAggregation(role: ClusterRole, all: readonly ClusterRole[]): ClusterRole {
  const others = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(selectorFrom);
  const found = selectors.flatMap((selector) =>
    others.filter(({ metadata }) => matchesLabels(selector, metadata.labels)),
  );
  const rules: PolicyRule[] = [];
  for (const rule of found.flatMap((other) => other.rules ?? [])) {
    if (!rules.some((each) => semanticEqual(each, rule))) rules.push(rule);
  }
  return semanticEqual(rules, role.rules ?? []) ? role : { ...role, rules };
}
