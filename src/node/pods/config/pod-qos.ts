/** A pod's class of service. */
import type { Pod } from '#api/core/pod';
import { qosClassOf, type QosClass } from '#api/core/qos';

/** As the API server classed it when it was made; a pod's class never changes. */
export function qosOf({ status, spec }: Pod): QosClass {
  const known = status?.qosClass;
  return known === 'Guaranteed' || known === 'Burstable' || known === 'BestEffort' ? known : qosClassOf(spec);
}
