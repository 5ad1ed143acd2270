/** Grants a role in one namespace. */
import { checkPathSegment } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as rbac from '../types/rbac-v1.ts';
import { BINDING_COLUMNS, RBAC_GROUP, validateBinding, validateBindingUpdate, withGroups } from './binding.ts';

export type RoleBinding = rbac.RoleBinding;

export const RoleBinding = defineResource<RoleBinding>(
  { group: RBAC_GROUP, version: 'v1', kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
  {
    createdByUpdates: true,
    applyDefaults: withGroups,
    validateName: checkPathSegment,
    validate: (binding) => [...validateBinding(binding, { roleKinds: ['Role', 'ClusterRole'], namespaced: true })],
    validateUpdate: (next, stored) => [...validateBindingUpdate(next, stored)],
    columns: BINDING_COLUMNS,
  },
);
