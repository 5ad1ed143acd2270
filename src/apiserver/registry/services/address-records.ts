/** The objects that tell which service has which address: written and removed with the service itself. */
import { ipFamilyOf } from '#api/meta/ip';
import { IPAddress } from '#api/networking/ip-address';
import type { ApiObject } from '#api/object';
import type * as core from '#api/types/core-v1';
import type { World } from '#base/world';
import type { Store, Transaction } from '#store/store';
import type { Companion } from '../context.ts';
import { listPrefix, objectKey } from '../keys.ts';
import { metadataForCreate } from '../metadata.ts';

const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';
const ALLOCATOR = 'ipallocator.k8s.io';
const SERVICES = { group: '', plural: 'services', namespaced: true };

export const recordAddresses =
  (world: World): Companion =>
  (tx, { next, stored }) => {
    const [after, before] = [addressesOf(next), addressesOf(stored)];
    for (const address of before) if (!after.includes(address)) forget(tx, address, stored);
    if (next !== undefined) for (const address of after) remember({ tx, world }, address, next);
  };

/** Writes what is missing: services that are older than this record, and records that somebody removed. */
export async function repairAddresses(store: Store, world: World): Promise<void> {
  const services = store.list(listPrefix(SERVICES, undefined)).items as readonly unknown[] as readonly core.Service[];
  const missing = services.filter((service) =>
    addressesOf(service).some((address) => store.get(keyOf(address)) === undefined),
  );
  if (missing.length === 0) return;
  await store.write((tx) => {
    for (const service of missing)
      for (const address of addressesOf(service)) remember({ tx, world }, address, service);
  });
}

/** Addresses that are kept for something else than services. */
export function reservedAddresses(store: Store): readonly string[] {
  const records = store.list(listPrefix(IPAddress, undefined)).items as readonly unknown[] as readonly IPAddress[];
  return records.filter(({ spec }) => !isOfService(spec.parentRef)).map(({ metadata }) => metadata.name);
}

const isOfService = ({ group = '', resource }: IPAddress['spec']['parentRef']): boolean =>
  group === '' && resource === 'services';

const keyOf = (address: string): string => objectKey(IPAddress, { name: address });

function addressesOf(object: ApiObject | undefined): readonly string[] {
  const { clusterIPs = [] } = (object as core.Service | undefined)?.spec ?? {};
  return clusterIPs.filter((address) => address !== '' && address !== 'None');
}

function forget(tx: Transaction, address: string, service: ApiObject | undefined): void {
  const record = tx.get(keyOf(address)) as IPAddress | undefined;
  const { name, namespace } = record?.spec.parentRef ?? {};
  if (name === service?.metadata.name && namespace === service?.metadata.namespace) tx.delete(keyOf(address));
}

type Writing = { readonly tx: Transaction; readonly world: World };

function remember({ tx, world }: Writing, address: string, { metadata }: ApiObject): void {
  if (tx.get(keyOf(address)) !== undefined) return;
  const labels = { [FAMILY]: ipFamilyOf(address) ?? '', [MANAGED_BY]: ALLOCATOR };
  const given = metadataForCreate({ name: address, labels }, { world, namespace: undefined, generation: false });
  const { name, namespace = '' } = metadata;
  const record: IPAddress = {
    apiVersion: IPAddress.apiVersion,
    kind: IPAddress.kind,
    metadata: given,
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  };
  tx.put(keyOf(address), record);
}
