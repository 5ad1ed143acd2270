/** Chooses the addresses of a cluster so that they collide with nothing the machine already routes. */
import { addressAt, formatRange, overlaps, parseRange, sizeOf, type Range } from '../../plan/ipv4.ts';

export type ClusterRanges = { readonly podCidr: string; readonly serviceCidr: string };

// 198.18.0.0/15 is set aside for tests between networks: nothing outside the machine is ever found there.
const SLOTS = 16;
const slotRanges = (slot: number): ClusterRanges => ({
  podCidr: `198.18.${slot * 16}.0/20`,
  serviceCidr: `198.19.${slot * 16}.0/20`,
});

/** The first default ranges that overlap no range in `taken`: the machine's addresses and routes. */
export function chooseRanges(taken: readonly string[]): ClusterRanges {
  const used = taken.map(parseRange).filter(({ bits }) => bits > 0); // a default route leads everywhere and takes nothing
  const isFree = (range: string): boolean => !used.some((other) => overlaps(other, parseRange(range)));
  for (let slot = 0; slot < SLOTS; slot++) {
    const ranges = slotRanges(slot);
    if (isFree(ranges.podCidr) && isFree(ranges.serviceCidr)) return ranges;
  }
  throw new RangeError(
    'Cannot choose ranges for pods and services: every default range is in use on this machine, ' +
      'expected --pod-cidr and --service-cidr',
  );
}

// 254 pods are more than a node runs.
const NODE_BITS = 24;

/** The part of the pod range that belongs to the node with this number, a /24 where the pod range has that many. */
export function nodePodRange(podCidr: string, nodeNumber: number): string {
  const whole = parseRange(podCidr);
  const part: Range = { base: whole.base, bits: Math.max(whole.bits, NODE_BITS) };
  const base = whole.base + nodeNumber * sizeOf(part);
  if (!Number.isSafeInteger(nodeNumber) || nodeNumber < 0 || base + sizeOf(part) > whole.base + sizeOf(whole))
    throw new RangeError(`Cannot give node ${nodeNumber} a part of ${podCidr}: it has none left`);
  return formatRange({ base, bits: part.bits });
}

/** Where the cluster's DNS answers: the tenth address of the service range, as installers of Kubernetes have it. */
export function dnsAddress(serviceCidr: string): string {
  return addressAt(parseRange(serviceCidr), 10);
}

/** Where the `kubernetes` service answers: the first address of the service range. */
export function apiAddress(serviceCidr: string): string {
  return addressAt(parseRange(serviceCidr), 1);
}
