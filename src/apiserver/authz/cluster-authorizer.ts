/** Who may do what in a cluster: administrators everything, nodes what concerns their pods, all others what roles grant them. */
import type { Store } from '#store/store';
import { type Attributes, type Authorizer, type Decision, isPathRequest } from './authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { serverAuthorizer } from './server-rights.ts';
import type { RoleSource } from './stored-roles.ts';

const ADMINISTRATORS = 'system:masters';

const ALLOWED: Decision = Object.freeze({ allowed: true });

export function clusterAuthorizer(store: Store, roles: RoleSource): Authorizer {
  const own = [serverAuthorizer, nodeAuthorizer(store)];
  return (attributes) => {
    if (attributes.user.groups.includes(ADMINISTRATORS)) return ALLOWED;
    const reasons: string[] = [];
    for (const authorize of own) {
      const decision = authorize(attributes);
      if (decision?.allowed === true) return decision;
      if (decision?.reason !== undefined) reasons.push(decision.reason);
    }
    const decision = byRoles(roles, attributes);
    if (decision.allowed || reasons.length === 0) return decision;
    if (decision.reason !== undefined) reasons.push(decision.reason);
    return { allowed: false, reason: reasons.join('\n') };
  };
}

function byRoles(roles: RoleSource, attributes: Attributes): Decision {
  return isPathRequest(attributes) ? roles().decidePath(attributes) : roles().decide(attributes);
}
