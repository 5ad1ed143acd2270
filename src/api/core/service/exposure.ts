/** What the type of a service means: where it can be reached, and what it needs for that. */
import type { ServiceSpec } from '../../types/core-v1.ts';

/** From outside the cluster. */
export const isExternallyReachable = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

/** A load balancer that may send to nodes with endpoints only has to ask each node whether it has some. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** Its name stands for its endpoints' addresses: it has none of its own. */
export const isHeadless = ({ clusterIPs = [] }: ServiceSpec): boolean =>
  clusterIPs.length === 1 && clusterIPs[0] === 'None';

/** Everything but a mere other name is served by the cluster. */
export const isServed = ({ type }: ServiceSpec): boolean =>
  type === 'ClusterIP' || type === 'NodePort' || type === 'LoadBalancer';
