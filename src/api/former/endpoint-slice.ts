/** Slices before `discovery.k8s.io/v1`: where an endpoint is was one more label of its topology. */
import type * as former from '../types/discovery-v1beta1.ts';
import type * as discovery from '../types/discovery-v1.ts';
import { translation } from './former-version.ts';

const ZONE = 'topology.kubernetes.io/zone';
const NODE = 'kubernetes.io/hostname';

export const FORMER_SLICE = translation<former.EndpointSlice, discovery.EndpointSlice>({
  toStored: ({ endpoints, ...slice }) => ({ ...slice, endpoints: endpoints.map(endpointToStored) }),
  fromStored: ({ endpoints = [], ...slice }) => ({ ...slice, endpoints: endpoints.map(endpointFromStored) }),
});

function endpointToStored({ topology = {}, nodeName, ...endpoint }: former.Endpoint): discovery.Endpoint {
  const { [ZONE]: zone, [NODE]: node, ...others } = topology;
  const name = nodeName ?? node;
  return {
    ...endpoint,
    ...(name !== undefined && { nodeName: name }),
    ...(zone !== undefined && { zone }),
    ...(Object.keys(others).length > 0 && { deprecatedTopology: others }),
  };
}

function endpointFromStored({ zone, deprecatedTopology, ...endpoint }: discovery.Endpoint): former.Endpoint {
  const topology = { ...deprecatedTopology, ...(zone !== undefined && { [ZONE]: zone }) };
  return { ...endpoint, ...(Object.keys(topology).length > 0 && { topology }) };
}
