/** What a node may ask tokens for: pods that run on it, for the audiences that these pods name. Pure. */
import { ApiError } from '#api/errors';
import type { TokenRequestSpec } from '#api/types/authentication-v1';
import type * as core from '#api/types/core-v1';

export type NodeTokenRequest = {
  readonly nodeName: string;
  /** As it was sent. */
  readonly spec: TokenRequestSpec;
  readonly account: core.ServiceAccount;
  readonly pod: core.Pod | undefined;
};

/** Throws `Forbidden`. */
export function requireOfNode({ nodeName, spec, account, pod }: NodeTokenRequest): void {
  const problem = problemOf(nodeName, spec, pod);
  if (problem === undefined) return;
  const { name } = account.metadata;
  throw new ApiError('Forbidden', `serviceaccounts ${JSON.stringify(name)} is forbidden: ${problem}`, {
    details: { name, kind: 'serviceaccounts' },
  });
}

function problemOf(nodeName: string, spec: TokenRequestSpec, pod: core.Pod | undefined): string | undefined {
  const { boundObjectRef, audiences = [] } = spec;
  if (pod === undefined) return 'node requested token not bound to a pod';
  if (!boundObjectRef?.uid) return 'node requested token with a pod binding without a uid';
  if (pod.spec.nodeName !== nodeName) return 'node requested token bound to a pod scheduled on a different node';
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const [audience = ''] = audiences;
  return namesAudience(pod, audience) ? undefined : `audience ${JSON.stringify(audience)} not found in pod spec volume`;
}

function namesAudience({ spec }: core.Pod, audience: string): boolean {
  const sources = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  return sources.some(({ serviceAccountToken: token }) => token !== undefined && (token.audience ?? '') === audience);
}
