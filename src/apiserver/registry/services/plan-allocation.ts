/** Decides the addresses and node ports of a service: what it asks for if that is free, else what is. Pure. */
import { invalid } from '#api/meta/field-error';
import type * as core from '#api/types/core-v1';
import { type AddressRange, addressToNumber, dynamicStart, isInRange, numberToAddress } from './address-range.ts';
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

function planClusterIp(service: core.Service, stored: core.Service | undefined, allocation: Allocation): core.Service {
  const { type, clusterIP = '', clusterIPs = [clusterIP] } = service.spec ?? {};
  if (type === 'ExternalName' || clusterIP === 'None') return service;
  if (clusterIP === '') return withClusterIp(service, freeAddress(allocation));
  if (clusterIP === addressOf(stored)) return service;
  const refused = refuseAddress(clusterIP, allocation);
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

function refuseAddress(address: string, { addresses, taken }: Allocation): string | undefined {
  const value = addressToNumber(address);
  if (value === undefined || !addresses.some((range) => isInRange(range, value)))
    return 'the provided network does not match the current range';
  return taken.addresses.has(address) ? 'provided IP is already allocated' : undefined;
}

/** A free address of the first range that has one. */
function freeAddress(allocation: Allocation): string {
  for (const range of allocation.addresses) {
    const address = freeAddressOf(range, allocation);
    if (address !== undefined) return address;
  }
  throw internal('failed to allocate a serviceIP: range is full');
}

/** Any of the large upper part, then, when that is full, any of the lower one. */
function freeAddressOf(range: AddressRange, { taken, kept, random }: Allocation): string | undefined {
  const start = Math.min(dynamicStart(range), range.size);
  const isFree = (offset: number): boolean => {
    const address = numberToAddress(range.first + offset);
    return !taken.addresses.has(address) && !kept.has(address);
  };
  const offset =
    firstFree({ from: start, to: range.size, random }, isFree) ?? firstFree({ from: 0, to: start, random }, isFree);
  return offset === undefined ? undefined : numberToAddress(range.first + offset);
}
