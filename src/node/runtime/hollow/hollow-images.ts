/** Simulated images: every name is an image, after the time a pull takes. */
import { createHash } from 'node:crypto';
import { RuntimeError } from '../runtime-error.ts';
import type { ImageInfo, Runtime } from '../runtime.ts';
import type { HollowState } from './hollow-state.ts';

type ImageCalls = Pick<Runtime, 'imageStatus' | 'pullImage' | 'importImages' | 'listImages' | 'removeImage'>;

const SIZE_BYTES = 20 * 1024 * 1024;

export function hollowImages(state: HollowState): ImageCalls {
  const { profile, images } = state;
  const find = (name: string): ImageInfo | undefined =>
    images.get(name) ?? images.values().find(({ id }) => id === name);
  return {
    imageStatus: async (name) => find(name),
    async pullImage({ image }, signal) {
      await state.take(profile.pullMs, signal);
      if (profile.isMissing(image)) throw new RuntimeError('ImageNotFound', `${image}: not found`);
      const id = `sha256:${createHash('sha256').update(image).digest('hex')}`;
      images.set(image, { id, tags: [image], digests: [`${image.split(':')[0]}@${id}`], sizeBytes: SIZE_BYTES });
      return id;
    },
    importImages: async () => [],
    listImages: async () => [...images.values()],
    async removeImage(name) {
      const found = find(name);
      for (const tag of found?.tags ?? []) images.delete(tag);
    },
  };
}
