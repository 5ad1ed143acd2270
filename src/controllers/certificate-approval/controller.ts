/** Approves requests of nodes for their client certificates, where roles let them have those. */
import { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { defineResource } from '#api/resource';
import type * as authorization from '#api/types/authorization-v1';
import { formatTime } from '#api/meta/time';
import { keyOf, refOfKey } from '#client/key';
import type { Client } from '#client/client';
import { type Controller, defineController, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { type Attempt, planApproval } from './plan.ts';

const SubjectAccessReview = defineResource<authorization.SubjectAccessReview>(
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    namespaced: false,
  },
  {},
);

export const certificateApproval: Controller = defineController({
  name: 'certificate-approval',
  account: 'certificate-controller',
  reads: [CertificateSigningRequest],
  writes: [CertificateSigningRequest, SubjectAccessReview],
  triggers: [on(CertificateSigningRequest, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
  async reconcile(key, { client, get, now }) {
    const request = get(CertificateSigningRequest, refOfKey(key));
    for (const attempt of request === undefined ? [] : planApproval(request)) {
      if (request === undefined || !(await isAllowed(client, request, attempt))) continue;
      const time = formatTime(now());
      const times = { lastUpdateTime: time, lastTransitionTime: time };
      const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: attempt.message, ...times };
      const status = { ...request.status, conditions: [...(request.status?.conditions ?? []), approved] };
      await unlessMissing(
        client.update(CertificateSigningRequest, { ...request, status }, { subresource: 'approval' }),
      );
      return;
    }
  },
});

async function isAllowed(
  client: Client,
  { spec }: CertificateSigningRequest,
  { subresource }: Attempt,
): Promise<boolean> {
  const { username: user = '', uid, groups, extra } = spec;
  const resourceAttributes = {
    group: CertificateSigningRequest.group,
    resource: CertificateSigningRequest.plural,
    verb: 'create',
    subresource,
    version: '*',
  };
  const asked = { user, resourceAttributes, ...(uid && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
  const { status } = await client.create(SubjectAccessReview, { metadata: {}, spec: asked });
  return status?.allowed === true;
}
