/** Prefers nodes that have the pod's images, all the more the larger they are; images that few nodes have count less. */
import type { Pod } from '#api/core/pod';
import { type Candidates, type DomainCounts, MAX_SCORE, type Plugin, type PodScore } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';

type DomainScore = Extract<PodScore, { kind: 'domains' }>;

// Upstream's thresholds: less is not worth going there for, and more for each image counts no more.
const MEBIBYTE = 1024 * 1024;
const LEAST_BYTES = 23 * MEBIBYTE;
const MOST_BYTES_AN_IMAGE = 1000 * MEBIBYTE;

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  outlook: (pod, state) => (hasKnownImages(pod, state) ? imagesOf(pod).join() : ''),
  score: (pod, state) => (hasKnownImages(pod, state) ? new ImageLocalityScore(imagesOf(pod), state) : undefined),
};

/** An image that comes to a node changes what it counts for at all others that have it. */
class ImageLocalityScore implements DomainScore {
  readonly kind = 'domains';
  readonly domains: DomainCounts;
  readonly #images: readonly string[];
  readonly #state: ClusterState;

  constructor(images: readonly string[], state: ClusterState) {
    this.#images = images;
    this.#state = state;
    const nothing = (): void => undefined;
    const features = images.map((image) => {
      const at = (slot: number): number => state.images.sizeAt(slot, image) ?? 0;
      return { at, isSingular: () => true, usual: at, key: `image ${image}` };
    });
    this.domains = {
      rebuild: nothing,
      repair: nothing,
      settle: nothing,
      counted: () => [],
      release: nothing,
      features,
    };
  }

  rawScore(slot: number): number {
    return this.#scoreOf(slot, this.#shares());
  }

  addScores({ slots, count }: Candidates, weight: number, totals: Int32Array): void {
    const shares = this.#shares();
    for (let index = 0; index < count; index++) {
      const slot = slots[index] as number;
      totals[slot] = (totals[slot] as number) + weight * this.#scoreOf(slot, shares);
    }
  }

  /** Of all nodes, how many have each image. */
  #shares(): readonly number[] {
    const { images, nodeCount } = this.#state;
    return this.#images.map((image) => images.nodesWith(image) / nodeCount);
  }

  #scoreOf(slot: number, shares: readonly number[]): number {
    let bytes = 0;
    for (let index = 0; index < shares.length; index++) {
      const size = this.#state.images.sizeAt(slot, this.#images[index] as string) ?? 0;
      bytes += Math.trunc(size * (shares[index] as number));
    }
    const most = MOST_BYTES_AN_IMAGE * shares.length;
    const counted = Math.min(most, Math.max(LEAST_BYTES, bytes));
    return Math.trunc((MAX_SCORE * (counted - LEAST_BYTES)) / (most - LEAST_BYTES));
  }
}

function hasKnownImages(pod: Pod, { images }: ClusterState): boolean {
  return !images.isEmpty && imagesOf(pod).some((image) => images.nodesWith(image) > 0);
}

function imagesOf({ spec: { initContainers = [], containers, volumes = [] } }: Pod): readonly string[] {
  const ofVolumes = volumes.flatMap(({ image }) => (image === undefined ? [] : [image.reference]));
  const ofContainers = [...initContainers, ...containers].map(({ image }) => image);
  return [...ofContainers, ...ofVolumes].map((image = '') => withTag(image));
}

/** A name without a tag means the tag `latest`. */
const withTag = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
