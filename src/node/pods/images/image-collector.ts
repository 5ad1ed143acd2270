/** Keeps the disk from filling with images: looks every few minutes, and removes what the plan says. */
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import { ticks } from '#base/ticker';
import type { World } from '#base/world';
import type { Runtime } from '../../runtime/runtime.ts';
import { planCollection, type CollectionInput, type StoredImage } from './plan-collection.ts';

export type ImageCollectorOptions = {
  readonly runtime: Pick<Runtime, 'listImages' | 'listContainers' | 'removeImage'>;
  readonly world: World;
  readonly logger: Logger;
  readonly readDisk: () => Promise<CollectionInput['disk']>;
};

const LOOK_MS = 300_000;

export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  #known: ReadonlyMap<string, StoredImage> = new Map();

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { world, logger } = this.#options;
    for await (const _tick of ticks(LOOK_MS, { world, signal })) {
      await this.collect().catch((error: unknown) => logger.warn('cannot collect images', { error: asError(error) }));
    }
  }

  async collect(): Promise<void> {
    const { runtime, world, logger, readDisk } = this.#options;
    const now = world.clock.now();
    this.#known = await this.#look(now);
    const images = [...this.#known.values()];
    for (const id of planCollection({ images, disk: await readDisk(), now })) {
      await runtime.removeImage(id);
      logger.info('removed an image to make room', { image: id });
    }
  }

  async #look(now: number): Promise<ReadonlyMap<string, StoredImage>> {
    const { runtime } = this.#options;
    const [images, containers] = await Promise.all([runtime.listImages(), runtime.listContainers()]);
    const used = new Set(containers.flatMap(({ image, imageRef }) => [image, imageRef]));
    return new Map(
      images.map(({ id, tags, digests, sizeBytes }) => {
        const before = this.#known.get(id);
        const inUse = [id, ...tags, ...digests].some((name) => used.has(name));
        const firstSeenMs = before?.firstSeenMs ?? now;
        const lastUsedMs = inUse ? now : (before?.lastUsedMs ?? 0);
        return [id, { id, sizeBytes, fromRegistry: digests.length > 0, firstSeenMs, lastUsedMs, inUse }];
      }),
    );
  }
}
