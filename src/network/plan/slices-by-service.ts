/** The index under which slices are found by the service they belong to. */
import type { EndpointSlice } from '#api/discovery/endpoint-slice';

export const SLICES_BY_SERVICE = 'network/slices-by-service';
export const SERVICE_LABEL = 'kubernetes.io/service-name';

export function serviceKeysOf({ metadata }: EndpointSlice): readonly string[] {
  const service = metadata.labels?.[SERVICE_LABEL];
  return service === undefined ? [] : [`${metadata.namespace}/${service}`];
}
