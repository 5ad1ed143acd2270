/** Decides the addresses and node ports of a service: what it asks for if that is free, else what is. Pure. */
import { invalid } from '#api/meta/field-error';
import type * as core from '#api/types/core-v1';
import {
  type AddressRange,
  addressAt,
  addressToNumber,
  API_POSITION,
  DNS_POSITION,
  dynamicStart,
  numberToAddress,
} from './address-range.ts';
import { type Allocation, firstFree, internal, invalidService } from './allocation.ts';
import { planFamilies } from './plan-families.ts';
import { planHealthCheckPort, planNodePorts } from './plan-node-ports.ts';

/** The service as it is stored. Throws `ApiError` when it asks for what it cannot have. */
export function planAllocation(
  next: core.Service,
  stored: core.Service | undefined,
  allocation: Allocation,
): core.Service {
  const service = planFamilies(next);
  const addressed = planClusterIp(service, stored, allocation);
  return planHealthCheckPort(planNodePorts(addressed, stored, allocation), stored, allocation);
}

function planClusterIp(
  service: core.Service,
  stored: core.Service | undefined,
  { addresses, taken, random }: Allocation,
): core.Service {
  const { type, clusterIP = '', clusterIPs = [clusterIP] } = service.spec ?? {};
  if (type === 'ExternalName' || clusterIP === 'None') return service;
  if (clusterIP === '') return withClusterIp(service, freeAddress(addresses, taken.addresses, random));
  if (clusterIP === addressOf(stored)) return service;
  const refused = refuseAddress(clusterIP, addresses, taken.addresses);
  if (refused !== undefined) {
    throw invalidService(service, [
      invalid('spec.clusterIPs', clusterIPs, `failed to allocate IP ${clusterIP}: ${refused}`),
    ]);
  }
  return withClusterIp(service, clusterIP);
}

const addressOf = (service: core.Service | undefined): string | undefined => service?.spec?.clusterIP;

function withClusterIp(service: core.Service, clusterIP: string): core.Service {
  return { ...service, spec: { ...service.spec, clusterIP, clusterIPs: [clusterIP] } };
}

function refuseAddress(address: string, range: AddressRange, taken: ReadonlySet<string>): string | undefined {
  const value = addressToNumber(address);
  if (value === undefined || value < range.first || value >= range.first + range.size) {
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${range.cidr}`;
  }
  return taken.has(address) ? 'provided IP is already allocated' : undefined;
}

/** A free address: any of the large upper part, then, when that is full, any of the lower one. */
function freeAddress(range: AddressRange, taken: ReadonlySet<string>, random: () => number): string {
  const start = Math.min(dynamicStart(range), range.size);
  // Whoever names the addresses of the API and the DNS gets them; nobody gets them by chance.
  const kept = new Set([addressAt(range, API_POSITION), addressAt(range, DNS_POSITION)]);
  const isFree = (offset: number): boolean => {
    const address = numberToAddress(range.first + offset);
    return !taken.has(address) && !kept.has(address);
  };
  const offset =
    firstFree({ from: start, to: range.size, random }, isFree) ?? firstFree({ from: 0, to: start, random }, isFree);
  if (offset === undefined) throw internal('failed to allocate a serviceIP: range is full');
  return numberToAddress(range.first + offset);
}
