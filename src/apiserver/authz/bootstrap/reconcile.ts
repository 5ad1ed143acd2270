/** Makes the default roles and bindings at every start, and completes those that are there. */
import { isApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest, RequestHandler } from '#api/request';
import { SERVER } from '../server-rights.ts';
import { planReconcile } from './plan-reconcile.ts';
import { GROUP, POLICIES, type Policy } from './policy.ts';

const PLURALS: Readonly<Record<Policy['kind'], string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

type Target = { readonly handle: RequestHandler; readonly signal: AbortSignal };

/** The namespaces of the roles must be there. Safe to run again, also beside another server that does the same. */
export async function reconcilePolicies(target: Target): Promise<void> {
  // All at once: they share one commit, and none needs another to be there.
  await Promise.all(POLICIES.map((policy) => reconcile(target, policy)));
}

async function reconcile(target: Target, policy: Policy): Promise<void> {
  const found = await read(target, policy);
  if (found === undefined) return await create(target, policy);
  const plan = planReconcile(found, policy);
  switch (plan.action) {
    case 'keep':
      return;
    case 'update':
      await target.handle({ ...requestFor(target, policy), ...nameOf(policy), verb: 'update', body: plan.object });
      return;
    case 'recreate':
      await target.handle({ ...requestFor(target, policy), ...nameOf(policy), verb: 'delete' });
      return await create(target, policy);
  }
}

async function read(target: Target, policy: Policy): Promise<ApiObject | undefined> {
  try {
    const found = await target.handle({ ...requestFor(target, policy), ...nameOf(policy), verb: 'get' });
    return found.type === 'object' ? found.object : undefined;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function create(target: Target, policy: Policy): Promise<void> {
  try {
    await target.handle({ ...requestFor(target, policy), verb: 'create', body: policy });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

const nameOf = ({ metadata }: Policy): { readonly name: string } => ({ name: metadata.name });

function requestFor({ signal }: Target, { kind, metadata }: Policy): Omit<ApiRequest, 'verb'> {
  const scope = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  return { group: GROUP, version: 'v1', plural: PLURALS[kind], ...scope, options: {}, user: SERVER, signal };
}
