/** Nobody grants rights they do not hold, unless they may escalate or bind. */
import { notFoundError } from '#api/errors';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject } from '#api/object';
import type * as rbac from '#api/types/rbac-v1';
import type { Authorizer } from '../authz/authorizer.ts';
import { compactRules, describeRule, missingRights, quotedList } from '../authz/covers.ts';
import type { Rule } from '../authz/rules.ts';
import type { RoleSource } from '../authz/stored-roles.ts';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden } from './admission.ts';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES = new Set(['roles', 'clusterroles']);
const EVERYTHING: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export function roleEscalation(authorize: Authorizer, roles: RoleSource): AdmissionPlugin {
  const check: Check = { authorize, roles };
  return {
    name: 'RoleEscalation',
    handles: ({ definition, operation }) => definition.group === GROUP && operation !== 'delete',
    async validate(request) {
      if (isOnlyHousekeeping(request)) return;
      if (ROLES.has(request.definition.plural)) await checkRole(request, check);
      else await checkBinding(request, check);
    },
  };
}

type Check = { readonly authorize: Authorizer; readonly roles: RoleSource };

async function checkRole(request: AdmissionRequest, check: Check): Promise<void> {
  const role = request.object as rbac.ClusterRole;
  const { plural } = request.definition;
  if (await mayDo(request, check, { verb: 'escalate', plural, name: role.metadata.name })) return;
  requireHeld(request, check, role.rules ?? []);
  if (role.aggregationRule === undefined) return;
  // It will gather whatever others write later.
  if (missing(request, check, EVERYTHING).length > 0) {
    throw admissionForbidden(request, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

async function checkBinding(request: AdmissionRequest, check: Check): Promise<void> {
  const { roleRef, metadata } = request.object as rbac.RoleBinding;
  const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  if (await mayDo(request, check, { verb: 'bind', plural, name: roleRef.name })) return;
  const rules = check.roles().rulesOf(roleRef, metadata.namespace ?? '');
  if (rules === undefined) throw notFoundError({ group: GROUP, plural }, roleRef.name);
  requireHeld(request, check, rules);
}

type Right = { readonly verb: string; readonly plural: string; readonly name: string };

async function mayDo({ user, object }: AdmissionRequest, { authorize }: Check, right: Right): Promise<boolean> {
  const { namespace } = object.metadata;
  return (await authorize({ user, group: GROUP, version: 'v1', namespace, ...right })).allowed;
}

function missing({ user, object }: AdmissionRequest, { roles }: Check, wanted: readonly Rule[]): readonly Rule[] {
  const { rules } = roles().rulesFor(user, object.metadata.namespace);
  return missingRights(
    rules.map(({ rule }) => rule),
    wanted,
  );
}

function requireHeld(request: AdmissionRequest, check: Check, wanted: readonly Rule[]): void {
  const lacking = missing(request, check, wanted);
  if (lacking.length === 0) return;
  const { name, groups } = request.user;
  const listed = [...new Set(compactRules(lacking).map(describeRule))].toSorted().join('\n');
  const who = `user ${JSON.stringify(name)} (groups=${quotedList(groups)})`;
  throw admissionForbidden(request, `${who} is attempting to grant RBAC permissions not currently held:\n${listed}`);
}

/** The garbage collector must be able to remove roles that it could not grant. */
function isOnlyHousekeeping({ object, stored }: AdmissionRequest): boolean {
  if (stored === undefined) return false;
  return semanticEqual(withoutHousekeeping(object), withoutHousekeeping(stored));
}

function withoutHousekeeping(object: ApiObject): object {
  const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}
