/** Rights in one namespace. */
import { checkPathSegment } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as rbac from '../types/rbac-v1.ts';
import { RBAC_GROUP } from './binding.ts';
import { validateRules } from './policy-rule.ts';
import { ROLE_COLUMNS } from './role-columns.ts';

export type Role = rbac.Role;

export const Role = defineResource<Role>(
  { group: RBAC_GROUP, version: 'v1', kind: 'Role', plural: 'roles', namespaced: true },
  {
    createdByUpdates: true,
    validateName: checkPathSegment,
    validate: ({ rules }) => [...validateRules(rules, 'namespaced')],
    columns: ROLE_COLUMNS,
  },
);
