/** The quality of service a pod has bought with its requests and limits: who is evicted, killed and throttled first. */
import { compareQuantities } from '../meta/quantity-arithmetic.ts';
import type { Quantity } from '../meta/quantity.ts';
import { parseQuantity } from '../meta/quantity.ts';
import type { PodSpec, ResourceRequirements } from '../types/core-v1.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Only these two decide. */
const COMPUTE = ['cpu', 'memory'] as const;

/**
 * `Guaranteed`: everything limits CPU and memory and asks for just that. `BestEffort`: nothing asks for anything.
 * `Burstable`: the rest. If the pod has resources of its own, they count instead of its containers'.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const claims = spec.resources === undefined ? claimsOfContainers(spec) : [spec.resources];
  if (claims.every(isEmpty)) return 'BestEffort';
  return claims.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

const claimsOfContainers = ({ containers, initContainers = [] }: PodSpec): readonly ResourceRequirements[] =>
  [...containers, ...initContainers].map(({ resources }) => resources ?? {});

const isEmpty = ({ requests, limits }: ResourceRequirements): boolean =>
  COMPUTE.every((name) => amount(requests?.[name]) === undefined && amount(limits?.[name]) === undefined);

function isGuaranteed({ requests, limits }: ResourceRequirements): boolean {
  return COMPUTE.every((name) => {
    const limit = amount(limits?.[name]);
    const request = amount(requests?.[name]);
    return limit !== undefined && (request === undefined || compareQuantities(request, limit) === 0);
  });
}

/** Zero asks for nothing. */
function amount(text: string | undefined): Quantity | undefined {
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  return quantity.nanos > 0n ? quantity : undefined;
}
