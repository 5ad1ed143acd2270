/** Allocates for services in the moment they are written. Who has what is read off the stored services: there is no other record. */
import type * as core from '#api/types/core-v1';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import type { WriteHook } from '../context.ts';
import { listPrefix, objectKey } from '../keys.ts';
import { addressAt, type AddressRange, API_POSITION, DNS_POSITION } from './address-range.ts';
import { reservedAddresses } from './address-records.ts';
import type { PortRange, Taken } from './allocation.ts';
import { planAllocation } from './plan-allocation.ts';
import { readyRanges } from './ready-ranges.ts';

const SERVICES = { group: '', plural: 'services', namespaced: true };

/** `addresses`: the cluster's own range, beside which users may add others. */
export type ServiceRanges = { readonly addresses: AddressRange; readonly ports: PortRange };

export function allocateForServices(
  { store, world }: { readonly store: Store; readonly world: World },
  { addresses, ports }: ServiceRanges,
): WriteHook {
  // Whoever names the addresses of the API and the DNS gets them; nobody gets them by chance.
  const kept = new Set([addressAt(addresses, API_POSITION), addressAt(addresses, DNS_POSITION)]);
  /** Services whose write is under way: no list shows them yet. */
  const writing = new Map<symbol, core.Service>();
  return (next, stored) => {
    const service = next as core.Service;
    const others = [
      ...(store.list(listPrefix(SERVICES, undefined)).items as readonly core.Service[]),
      ...writing.values(),
    ];
    const allocated = planAllocation(service, stored as core.Service | undefined, {
      addresses: readyRanges(store, addresses),
      kept,
      ports,
      taken: takenBy(others, { except: objectKey(SERVICES, service.metadata), reserved: reservedAddresses(store) }),
      random: world.random,
    });
    const ticket = Symbol(service.metadata.name);
    writing.set(ticket, allocated);
    return { object: allocated, release: () => writing.delete(ticket) };
  };
}

function takenBy(
  services: readonly core.Service[],
  { except, reserved }: { readonly except: string; readonly reserved: readonly string[] },
): Taken {
  const addresses = new Set(reserved);
  const ports = new Set<number>();
  for (const { metadata, spec = {} } of services) {
    if (objectKey(SERVICES, metadata) === except) continue;
    const { clusterIPs = [], ports: servicePorts = [], healthCheckNodePort = 0 } = spec;
    for (const address of clusterIPs) addresses.add(address);
    for (const { nodePort = 0 } of servicePorts) ports.add(nodePort);
    ports.add(healthCheckNodePort);
  }
  return { addresses, ports };
}
