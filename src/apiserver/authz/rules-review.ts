/** All that a user may do in a namespace, as far as it can be listed. Pure. */
import { badRequestError } from '#api/errors';
import type { UserInfo } from '#api/request';
import type * as authorization from '#api/types/authorization-v1';
import { nodeNameOf } from './node-identity.ts';
import type { RoleSnapshot } from './role-snapshot.ts';
import type { Rule } from './rules.ts';

type Status = authorization.SubjectRulesReviewStatus;

export function rulesReview(roles: RoleSnapshot, user: UserInfo, namespace: string): Status {
  if (namespace === '') throw badRequestError('no namespace on request');
  const granted = roles.rulesFor(user, namespace);
  const rules = granted.rules.map(({ rule }) => rule);
  const isNode = nodeNameOf(user) !== undefined;
  const errors = [...granted.errors, ...(isNode ? ['node authorizer does not support user rule resolution'] : [])];
  return {
    resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(resourceRule),
    nonResourceRules: rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0).map(pathRule),
    incomplete: isNode,
    ...(errors.length === 0 ? {} : { evaluationError: errors.join(', ') }),
  };
}

function resourceRule({ verbs, apiGroups = [], resources = [], resourceNames }: Rule): authorization.ResourceRule {
  return { verbs, apiGroups, resources, ...(resourceNames === undefined ? {} : { resourceNames }) };
}

function pathRule({ verbs, nonResourceURLs = [] }: Rule): authorization.NonResourceRule {
  return { verbs, nonResourceURLs };
}
