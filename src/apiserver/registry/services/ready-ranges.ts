/** The ranges that addresses may come from at this moment: the cluster's own and those that users have added. */
import { findCondition } from '#api/meta/conditions';
import { ServiceCIDR } from '#api/networking/service-cidr';
import type { Store } from '#store/store';
import { listPrefix } from '../keys.ts';
import { type AddressRange, readAddressRange } from './address-range.ts';

/** The cluster's own first. An object of a range says whether it is ready; one that nobody has judged yet is. */
export function readyRanges(store: Store, own: AddressRange): readonly AddressRange[] {
  const objects = store.list(listPrefix(ServiceCIDR, undefined)).items as readonly unknown[] as readonly ServiceCIDR[];
  const ready = new Set(objects.filter(isReady).flatMap(cidrsOf));
  const isOwnReady = ready.delete(own.cidr) || !objects.flatMap(cidrsOf).includes(own.cidr);
  const others = [...ready].flatMap((cidr) => readAddressRange(cidr) ?? []);
  return isOwnReady ? [own, ...others] : others;
}

const cidrsOf = ({ spec }: ServiceCIDR): readonly string[] => spec.cidrs ?? [];

function isReady({ metadata, status }: ServiceCIDR): boolean {
  const isRefused = (findCondition(status?.conditions, 'Ready')?.status ?? 'True') !== 'True';
  return metadata.deletionTimestamp === undefined && !isRefused;
}
