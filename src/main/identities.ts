/** The users that the parts of a cluster are when they share a process with the API server; elsewhere their certificates say the same. */
import type { UserInfo } from '#api/request';

const AUTHENTICATED = 'system:authenticated';
const SYSTEM = 'kube-system';

/** `kube-scheduler`, `kube-proxy`, ... */
export const componentUser = (name: string): UserInfo => ({ name: `system:${name}`, groups: [AUTHENTICATED] });

/** A controller is the service account of its name. */
export const controllerUser = (account: string): UserInfo => ({
  name: `system:serviceaccount:${SYSTEM}:${account}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${SYSTEM}`, AUTHENTICATED],
});

export const nodeUser = (node: string): UserInfo => ({
  name: `system:node:${node}`,
  groups: ['system:nodes', AUTHENTICATED],
});
