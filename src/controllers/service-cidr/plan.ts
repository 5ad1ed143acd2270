/** Decides what becomes of a range of service addresses: kept, held because it is in use, or let go. Pure. */
import type { IPAddress } from '#api/networking/ip-address';
import { canComeFrom, isWithinRange } from '#api/networking/range-containment';
import { setCondition } from '#api/meta/conditions';
import type { ServiceCIDR } from '#api/networking/service-cidr';
import type { Condition } from '#api/types/meta-v1';

const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const ALLOCATOR = 'ipallocator.k8s.io';

/** Whether the range may go: no service would be left with an address that is in no range. */
export function mayGo(
  range: ServiceCIDR,
  ranges: readonly ServiceCIDR[],
  addresses: readonly Pick<IPAddress, 'metadata'>[],
): boolean {
  const { cidrs = [] } = range.spec;
  const others = ranges.filter(({ metadata }) => metadata.name !== range.metadata.name);
  const otherCidrs = others.flatMap(({ spec }) => spec.cidrs ?? []);
  if (cidrs.every((cidr) => otherCidrs.some((other) => isWithinRange(cidr, other)))) return true;
  return !addresses.some(({ metadata: { name, labels = {} } }) => {
    const isOurs = labels[MANAGED_BY] === ALLOCATOR && cidrs.some((cidr) => canComeFrom(name, cidr));
    return isOurs && !otherCidrs.some((other) => canComeFrom(name, other));
  });
}

const READY = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };

const HELD = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** The range with its condition as it should be; the same object if it is so already. */
export function withReadiness(range: ServiceCIDR, state: 'ready' | 'held', now: string): ServiceCIDR {
  const before: readonly Condition[] = range.status?.conditions ?? [];
  const wanted = state === 'ready' ? READY : HELD;
  // The first words about a range that is ready stay.
  if (state === 'ready' && before.some(({ type, status }) => type === 'Ready' && status === 'True')) return range;
  const conditions = setCondition(before, { ...wanted, lastTransitionTime: now });
  return conditions === before ? range : { ...range, status: { ...range.status, conditions } };
}
