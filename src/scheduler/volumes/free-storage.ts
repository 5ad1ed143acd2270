/** Whether drivers that keep count of their storage have enough of it left, within reach of a node, for a claim. */
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { matchesLabels, type Selector, selectorFrom } from '#api/meta/label-selector';
import { unitValue } from '#api/meta/quantity-arithmetic';
import type { CSIDriver } from '#api/storage/csi-driver';
import type { CSIStorageCapacity } from '#api/storage/csi-storage-capacity';
import type { StorageClass } from '#api/storage/storage-class';
import type { Node } from '#api/types/core-v1';

export type CapacityView = {
  csiDriver(name: string): CSIDriver | undefined;
  capacities(): readonly CSIStorageCapacity[];
};

/** Whether a volume for the claim can be made where the node reaches it, as far as anybody keeps count. */
export type FreeStorage = (claim: PersistentVolumeClaim, ofClass: StorageClass, node: Node) => boolean;

type Reach = (node: Node) => boolean;

/** What it found out about claims of one size and class is kept: it is asked for many nodes. */
export function freeStorage(view: CapacityView): FreeStorage {
  const reaches = new Map<string, Reach>();
  return (claim, { metadata: { name }, provisioner }, node) => {
    const size = claim.spec.resources?.requests?.['storage'];
    if (size === undefined || view.csiDriver(provisioner)?.spec.storageCapacity !== true) return true;
    const key = `${size} ${name}`;
    const reach = reaches.get(key) ?? reachOf(view.capacities().filter(isEnough(name, unitValue(size))));
    reaches.set(key, reach);
    return reach(node);
  };
}

const isEnough = (className: string, bytes: number) => (capacity: CSIStorageCapacity) =>
  capacity.storageClassName === className && limitOf(capacity) >= bytes;

/** How large one volume can be at most. */
export function limitOf({ capacity, maximumVolumeSize = capacity }: CSIStorageCapacity): number {
  return maximumVolumeSize === undefined ? Number.NEGATIVE_INFINITY : unitValue(maximumVolumeSize);
}

/** Drivers name places by one label, mostly: those are looked up, however many there are. */
function reachOf(capacities: readonly CSIStorageCapacity[]): Reach {
  const values = new Map<string, Set<string>>();
  const selectors: Selector[] = [];
  for (const { nodeTopology } of capacities) {
    // Of a place that is not told it is not known who reaches it.
    if (nodeTopology === undefined) continue;
    const { matchExpressions = [], matchLabels = {} } = nodeTopology;
    const [pair, ...others] = Object.entries(matchLabels);
    if (pair === undefined || others.length + matchExpressions.length > 0) selectors.push(selectorFrom(nodeTopology));
    else values.set(pair[0], (values.get(pair[0]) ?? new Set()).add(pair[1]));
  }
  return ({ metadata: { labels = {} } }) =>
    [...values].some(([key, known]) => Object.hasOwn(labels, key) && known.has(labels[key] ?? '')) ||
    selectors.some((selector) => matchesLabels(selector, labels));
}
