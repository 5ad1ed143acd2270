/** Prefers nodes that have the pod's images, all the more the larger they are; images that few nodes have count less. */
import type { Pod } from '#api/core/pod';
import { MAX_SCORE, type Plugin } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';

// Upstream's thresholds: less is not worth going there for, and more for each image counts no more.
const MEBIBYTE = 1024 * 1024;
const LEAST_BYTES = 23 * MEBIBYTE;
const MOST_BYTES_AN_IMAGE = 1000 * MEBIBYTE;

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  // An image that comes to a node changes what it counts for at all others that have it.
  outlook: (pod, state) => {
    const known = knownImages(pod, state);
    return known === '' ? '' : `${known}/${state.nodeCount}`;
  },
  score: (pod, state) => {
    if (knownImages(pod, state) === '') return undefined;
    const images = imagesOf(pod);
    const shares = images.map((image) => state.images.nodesWith(image) / state.nodeCount);
    const most = MOST_BYTES_AN_IMAGE * images.length;
    return {
      kind: 'own',
      score: (slot) => {
        let bytes = 0;
        for (let index = 0; index < images.length; index++)
          bytes += Math.trunc((state.images.sizeAt(slot, images[index] as string) ?? 0) * (shares[index] as number));
        const counted = Math.min(most, Math.max(LEAST_BYTES, bytes));
        return Math.trunc((MAX_SCORE * (counted - LEAST_BYTES)) / (most - LEAST_BYTES));
      },
    };
  },
};

/** The images and on how many nodes each is; empty when none of them is on any. */
function knownImages(pod: Pod, state: ClusterState): string {
  if (state.images.isEmpty) return '';
  const counted = imagesOf(pod).map((image) => [image, state.images.nodesWith(image)] as const);
  return counted.every(([, count]) => count === 0) ? '' : counted.map(([image, count]) => `${image}=${count}`).join();
}

function imagesOf({ spec: { initContainers = [], containers, volumes = [] } }: Pod): readonly string[] {
  const ofVolumes = volumes.flatMap(({ image }) => (image === undefined ? [] : [image.reference]));
  const ofContainers = [...initContainers, ...containers].map(({ image }) => image);
  return [...ofContainers, ...ofVolumes].map((image = '') => withTag(image));
}

/** A name without a tag means the tag `latest`. */
const withTag = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
