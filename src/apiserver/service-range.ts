/** Shows the range that addresses of services come from as an object, for those who ask the API. */
import { isApiError } from '#api/errors';
import { isConditionTrue, setCondition } from '#api/meta/conditions';
import type { ServiceCIDR } from '#api/networking/service-cidr';
import type { ApiRequest, RequestHandler } from '#api/request';
import { SERVER } from './authz/server-rights.ts';

const NAME = 'kubernetes';

export type ServiceRangeOptions = {
  readonly handle: RequestHandler;
  readonly cidr: string;
  readonly signal: AbortSignal;
};

/** Makes it if it is missing; one that is there stays as it is, since services have addresses of it. */
export async function ensureServiceRange({ handle, cidr, signal }: ServiceRangeOptions): Promise<void> {
  const base = { group: 'networking.k8s.io', version: 'v1', plural: 'servicecidrs', options: {}, user: SERVER, signal };
  const ask = async (request: Partial<ApiRequest> & Pick<ApiRequest, 'verb'>): Promise<ServiceCIDR> => {
    const result = await handle({ ...base, ...request });
    if (result.type !== 'object') throw new TypeError(`Cannot read the service range: got a ${result.type}`);
    return result.object as ServiceCIDR;
  };
  const found = await ask({ verb: 'create', body: { metadata: { name: NAME }, spec: { cidrs: [cidr] } } }).catch(
    (error: unknown) => {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      return ask({ verb: 'get', name: NAME });
    },
  );
  if (isConditionTrue(found.status?.conditions, 'Ready')) return;
  await ask({ verb: 'update', name: NAME, subresource: 'status', body: ready(found) });
}

/** It was so from the first moment. */
function ready(range: ServiceCIDR): ServiceCIDR {
  const conditions = setCondition(range.status?.conditions, {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: range.metadata.creationTimestamp ?? '',
  });
  return { ...range, status: { ...range.status, conditions } };
}
