/** Grants a role in the whole cluster. */
import { checkPathSegment } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as rbac from '../types/rbac-v1.ts';
import { BINDING_COLUMNS, RBAC_GROUP, validateBinding, validateBindingUpdate, withGroups } from './binding.ts';

export type ClusterRoleBinding = rbac.ClusterRoleBinding;

export const ClusterRoleBinding = defineResource<ClusterRoleBinding>(
  { group: RBAC_GROUP, version: 'v1', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
  {
    createdByUpdates: true,
    applyDefaults: withGroups,
    validateName: checkPathSegment,
    validate: (binding) => [...validateBinding(binding, { roleKinds: ['ClusterRole'], namespaced: false })],
    validateUpdate: (next, stored) => [...validateBindingUpdate(next, stored)],
    columns: BINDING_COLUMNS,
  },
);
