/** `certificatesigningrequests/approval`: the decision about a request, apart from the certificate that answers it. */
import { validateApproval } from '#api/certificates/validation';
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { CertificateSigningRequestCondition } from '#api/types/certificates-v1';
import type { ObjectPart, RegistryContext } from '../context.ts';
import { getObject } from '../list.ts';
import { patchedWith } from '../patch.ts';
import { requireSameName, sentObject } from '../request-body.ts';
import type { Subresource } from '../resources.ts';
import { applyIntent } from '../update.ts';

export const approvalSubresource: Subresource = {
  name: 'approval',
  type: { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' },
  verbs: ['get', 'patch', 'update'],
  handle: async (context, definition, request) =>
    request.verb === 'get' ? await getObject(context, definition, request) : await decide(context, definition, request),
};

async function decide(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const part = approval(formatTime(context.world.clock.now()));
  return await applyIntent({ ...context, part }, { definition, request, status: true }, (stored) => {
    const body =
      request.verb === 'patch' ? patchedWith(context, request, { object: stored, type: definition }) : request.body;
    const { object } = context.decode({ value: body }, definition, request.options.fieldValidation);
    const sent = sentObject({ ...request, body: object }, definition);
    requireSameName(sent.metadata.name, request.name ?? '');
    return { sent };
  });
}

const asRequest = (object: ApiObject): CertificateSigningRequest => object as CertificateSigningRequest;

const approval = (now: string): ObjectPart => ({
  subresource: 'approval',
  take: (sent, stored) => {
    const { conditions = [] } = asRequest(sent).status ?? {};
    const { status } = asRequest(stored);
    const known = new Map((status?.conditions ?? []).toReversed().map((condition) => [nameOf(condition), condition]));
    const decided = conditions.map((condition) => timed(condition, known.get(nameOf(condition)), now));
    return { ...sent, status: { ...status, conditions: decided } } as ApiObject;
  },
  validateUpdate: (next, stored) => [...validateApproval(asRequest(next), asRequest(stored))],
});

const nameOf = ({ type, status }: CertificateSigningRequestCondition): string => JSON.stringify([type, status]);

/** Who decides need not say when. */
function timed(
  condition: CertificateSigningRequestCondition,
  known: CertificateSigningRequestCondition | undefined,
  now: string,
): CertificateSigningRequestCondition {
  return {
    ...condition,
    lastUpdateTime: condition.lastUpdateTime ?? now,
    lastTransitionTime: condition.lastTransitionTime ?? known?.lastTransitionTime ?? now,
  };
}
