/** Decides which images a full disk can do without: those that nothing uses and that can be had again, the longest unused first. */

export type StoredImage = {
  readonly id: string;
  readonly sizeBytes: number;
  /** A registry gave it; what was imported from a file could not be had again. */
  readonly fromRegistry: boolean;
  readonly firstSeenMs: number;
  readonly lastUsedMs: number;
  readonly inUse: boolean;
};

export type CollectionInput = {
  readonly images: readonly StoredImage[];
  readonly disk: { readonly sizeBytes: number; readonly availableBytes: number };
  readonly now: number;
};

// Upstream's figures: beyond the first share of use images go, until the second is reached.
const FULL_SHARE = 0.85;
const ENOUGH_SHARE = 0.8;
// An image that has just come is about to be used.
const LEAST_AGE_MS = 120_000;

/** Ids, in the order in which they should go; none while there is room. */
export function planCollection({ images, disk, now }: CollectionInput): readonly string[] {
  const usedBytes = disk.sizeBytes - disk.availableBytes;
  if (usedBytes < disk.sizeBytes * FULL_SHARE) return [];
  let excessBytes = usedBytes - disk.sizeBytes * ENOUGH_SHARE;
  const ids: string[] = [];
  for (const image of unused(images, now)) {
    if (excessBytes <= 0) break;
    ids.push(image.id);
    excessBytes -= image.sizeBytes;
  }
  return ids;
}

function unused(images: readonly StoredImage[], now: number): readonly StoredImage[] {
  return images
    .filter(({ inUse, fromRegistry, firstSeenMs }) => !inUse && fromRegistry && now - firstSeenMs >= LEAST_AGE_MS)
    .toSorted((left, right) => left.lastUsedMs - right.lastUsedMs || left.firstSeenMs - right.firstSeenMs);
}
