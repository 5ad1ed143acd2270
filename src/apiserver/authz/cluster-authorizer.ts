/** Who may do what in a cluster: administrators everything, nodes what concerns their pods, all others what roles grant them. */
import type { Store } from '#store/store';
import { type Attributes, type Authorizer, type Decision, isPathRequest } from './authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { serverAuthorizer } from './server-rights.ts';
import type { RoleSource } from './stored-roles.ts';

const ADMINISTRATORS = 'system:masters';

const ALLOWED: Decision = Object.freeze({ allowed: true });

export function clusterAuthorizer(store: Store, roles: RoleSource): Authorizer {
  const asNode = nodeAuthorizer(store);
  return (attributes) => {
    if (attributes.user.groups.includes(ADMINISTRATORS)) return ALLOWED;
    const ofServer = serverAuthorizer(attributes);
    if (ofServer?.allowed === true) return ofServer;
    const ofNode = asNode(attributes);
    if (ofNode?.allowed === true) return ofNode;
    const decision = byRoles(roles, attributes);
    if (decision.allowed) return decision;
    const reasons = [ofServer, ofNode, decision].flatMap((refused) => refused?.reason ?? []);
    return reasons.length === 0 ? decision : { allowed: false, reason: reasons.join('\n') };
  };
}

function byRoles(roles: RoleSource, attributes: Attributes): Decision {
  return isPathRequest(attributes) ? roles().decidePath(attributes) : roles().decide(attributes);
}
