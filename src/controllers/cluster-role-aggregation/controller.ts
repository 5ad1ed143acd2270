/** Keeps the rules of cluster roles that gather those of others. */
import { ClusterRole } from '#api/rbac/cluster-role';
import { unlessMissing } from '../ownership/claim.ts';
import { defineController, on } from '../framework/controller.ts';
import { planAggregation } from './plan.ts';

export const clusterRoleAggregation = defineController({
  name: 'clusterrole-aggregation-controller',
  reads: [ClusterRole],
  writes: [ClusterRole],
  triggers: [
    // Any role may be one that another gathers.
    on(ClusterRole, (_change, { informer }) =>
      informer(ClusterRole)
        .list()
        .filter(({ aggregationRule }) => aggregationRule !== undefined)
        .map(({ metadata }) => metadata.name),
    ),
  ],
  async reconcile(name, { get, informer, client }) {
    const role = get(ClusterRole, { name });
    if (role?.aggregationRule === undefined || role.metadata.deletionTimestamp !== undefined) return;
    const next = planAggregation(role, informer(ClusterRole).list());
    if (next !== role) await unlessMissing(client.update(ClusterRole, next));
  },
});
